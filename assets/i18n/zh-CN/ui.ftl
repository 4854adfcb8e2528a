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
field-slider = { $name }滑块
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
step-done-plans = { $count } 个计划
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

walk-tubes = 显示中心线管；会遮挡管壁
scenes-this-case = 当前病例
scenes-link = 两个视图一起旋转
scenes-unlink = 两个视图一起旋转。点击：各自旋转
scenes-shows = 此视图的显示内容
scenes-everything = 全部
scenes-volume = 体绘制
scenes-only-selected = 仅选中的对象
scenes-end-compare = 结束对比

compare-title = 对比…
compare-about = 第二个三维视图从同一位置显示另一方；表格列出两者的差异。
compare-states = 此病例的状态
compare-no-states = 还没有其他状态：尚未进行任何操作。
compare-file = 另一个病例文件…
compare-cancel = 取消
compare-after = 之后：{ $step }
compare-heading = 对比
compare-loading = 正在读取并对比另一个病例
compare-counts = 仅左侧 { $left }，仅右侧 { $right }，已改变 { $changed }，相同 { $same }
compare-hide-same = 隐藏相同的项
compare-slices = 两者的切片
compare-scenes = 两者的三维
compare-nothing = 两侧相同。
compare-object = 对象
compare-difference = 差异
compare-overlap = 重叠（Dice）
compare-left-only = 仅左侧
compare-right-only = 仅右侧
compare-changed = 已改变
compare-same = 相同
vectors = 矢量
vectors-streamlines = 流线
vectors-arrows = 箭头
vectors-arrows-help = 长度表示大小；当此图例表示该大小时，颜色亦然
vectors-count-help = 箭头的最大数量；均匀分布
not-valid-here = 此处无效
volume-preparing = 正在准备体绘制…
picture-slice = 切片视图
picture-curved = 沿血管视图
picture-views = 全部视图
picture-scroll = 逐层影片
picture-times = 时间序列影片
picture-no-slice = 当前未显示切片视图
picture-no-curved = 当前未显示沿血管视图
picture-no-views = 当前未显示切片视图
picture-no-times = 此网格只有一个扫描；时间序列影片至少需要两个
picture-webp-help = 无损，比 PNG 更小；浏览器和幻灯片软件均可显示
picture-of-slices = { " " }（共 { $count } 层）
picture-of-times = { " " }（共 { $count } 个时间点）
picture-operation = 手术影片
picture-load = 变形影片
picture-beat = 心动周期影片
picture-no-operation = 请先显示一次手术的结果；其四面体网格须仍在病例中
picture-no-load = 请先显示一个变形的器官
picture-no-beat = 请先显示保留了多个时刻的搏动血流
picture-of-load = ，从静息到受载再返回，插值
picture-of-time = { " " }（共 { $time }）
picture-as-long = 与实际等长
picture-as-long-help = 按实际速度；半秒至一分钟
picture-moment-operation = { $time } s · 手的最大作用力 { $force } N
picture-moment-load = 达到满载位移的 { $percent } %，插值
picture-moment-load-end = 达到满载位移的 { $percent } %，插值；颜色为满载时的值
picture-moment-beat = { $time } s / { $of } s · 在 { $moments } 个计算时刻之间插值
picture-simulation-gone = 要拍摄的内容已不再显示；请显示后重试
picture-simulation-broke = 影片已放弃：模拟中断；请重新拍摄
picture-left = 要拍摄的内容已不在屏幕上；请显示后重试
picture-too-large = 此显卡无法以该尺寸绘制三维视图；请选择较小的尺寸
window-found = 自动
keep-slice = 将切片保存为关键图像
editor-keys = 按键 1 至 8 依次选择。
