### What the panels say that stands in no table of the program.

form-back = 返回
form-run = 运行
form-run-help = 运行（{ $keys }）
form-cancel = 取消
form-more = 更多设置
form-optional = { $name }（可选）
form-missing = 缺少{ $name }

field-automatic = 自动
field-all = 全部
field-none = 无
field-choose = 请选择
field-choose-kind = 请选择{ $kind }
field-no-such-object = 病例中没有这样的对象：需要{ $kind }
field-give-value = 给出数值
field-range = { $low } 至 { $high }
field-browse = 浏览…
field-entries = { $count } 项，由窗口或脚本写入
field-points = { $count ->
    [0] 尚无
   *[other] { $count } 个点
}
field-add-crosshair = 加入十字线位置
field-take-last = 去除最后一个
field-from-crosshair = 取自十字线
field-not-set = 未设置
field-set = 设置
field-clear = 自动

step-done-scans = { $count } 个扫描
step-done-segments = { $count } 个分割区
step-done-meshes = { $count } 个网格
step-done-results = { $count } 个结果
step-more-organs = 更多器官
step-more-tools = 更多工具
step-brain = T1 MR 的脑

tile-done = 已完成。点击查看，右键点击重新运行。
tile-running = 正在运行。

palette-hint = 您想做什么？
palette-nothing = 没有这个名称。

bar-undo = 撤销 { $step }
bar-redo = 重做 { $step }
bar-nothing-to-undo = 没有可撤销的步骤
bar-nothing-to-redo = 没有可重做的步骤
bar-save = 保存病例
bar-save-unsaved = 保存病例（有未保存的更改）
bar-find = 查找命令
bar-untitled = 未命名病例

window-automatic = 自动
window-full-range = 全范围

job-cancel = 取消此任务
job-end = 尽快结束（心搏则在其周期之后）并保留已有结果
job-go-on = 继续此任务
job-wait = 暂停此任务
job-paused = 已暂停
job-ending = 正在结束…
job-left = 剩余 { $time }
