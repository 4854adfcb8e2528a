### Why something cannot be done now, and what the narrow window and running files say.

why-no-case = 病例中还没有内容
why-no-scan = 没有扫描；请先打开一个
why-no-tool = 此版本的程序不能做到
why-no-scene = 屏幕上没有 3D 视图
why-one-scene = 屏幕上必须有两个 3D 视图
why-no-comparison = 没有正在进行的比较
why-no-slice = 屏幕上没有切片视图
why-no-lines = 没有血管或气道的中心线；请先由分割生成
why-no-way = 没有中心线，也没有可沿行的开放曲线；请由分割生成中心线，或绘制折线或平滑曲线
why-no-mesh = 没有四面体网格；请先由分割生成
why-none-selected = 没有选中对象
why-operating = 手术正在进行；请先结束
why-no-operation = 没有正在进行的手术
why-circulating = 血管树的流动已打开；请先关闭
why-no-circulation = 血管树的流动没有打开
why-no-plan = 没有打开的计划
why-no-editor = 分割编辑器没有打开
why-all-shown = 所有对象都已显示
why-none-faint = 没有突出显示的对象
why-no-cut = 没有切开任何对象
why-walking = 漫游有自己的视角；请先结束漫游
why-no-crosshair = 视图还没有指向任何位置
why-one-scan = 没有其他扫描
why-one-phase = 病例中此部位只有一个时间点；同一网格的多个扫描可以播放
why-not-ct = 此窗位用于 CT；该扫描不是 CT
why-scan-straight = 扫描的轴已经是患者的轴
why-empty-dock = 那里没有面板；可用面板标题处的菜单移动面板

side-left = 左侧面板
side-right = 右侧面板
side-bottom = 视图下方的面板

view-as-scan = 扫描的轴
view-as-scan-help = 视图已转到扫描自身的轴：每个切片都经过体素中心。点击恢复到患者坐标轴

volume-facing-me = 面向我
volume-facing-me-help = 经过十字线的平面，切去它与观察者之间的部分
volume-no-crosshair = 视图还没有指向任何位置

file-cancelling = 正在结束…
file-cancelled = { $what }：已取消
