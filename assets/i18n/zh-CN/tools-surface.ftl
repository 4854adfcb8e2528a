### Tools that change surfaces: label, help, and what their parameters mean. Names that several tools share are in parameters.ftl.

## surface.smooth

tool-surface-smooth = 平滑表面…
tool-surface-smooth-help = 平滑表面而不使其收缩（加窗 sinc）；报告前后的体积和面积。
tool-surface-smooth-surface-help = 表面
tool-surface-smooth-smoothing-help = 0.05 几乎不平滑，1 非常平滑
tool-surface-smooth-result-help = 新建对象并隐藏原表面，或就地改变表面

## surface.decimate

tool-surface-decimate = 简化表面…
tool-surface-decimate-help = 把表面的三角形减少到给定数目，但移动绝不超过允许误差。
tool-surface-decimate-surface-help = 表面
tool-surface-decimate-triangles-help = 在误差允许时保留的数目
tool-surface-decimate-error_mm-help = 表面允许移动的距离
tool-surface-decimate-result-help = 新建对象并隐藏原表面，或就地改变表面

## surface.clip

tool-surface-clip = 裁剪表面…
tool-surface-clip-help = 保留平面一侧、长方体内，或表面上闭合曲线之内或之外的部分，并以盖封闭。
tool-surface-clip-surface-help = 表面
tool-surface-clip-by-help = 用什么裁剪
tool-surface-clip-point-help = 平面上的一点；未给出时为表面的中心
tool-surface-clip-normal-help = 指向保留的一侧；未给出时朝向头侧
tool-surface-clip-corner-help = 长方体的一个角点
tool-surface-clip-opposite-help = 长方体的对角点
tool-surface-clip-curve-help = 表面上曲线的点，依次给出
tool-surface-clip-keep-help = 曲线裁剪后保留什么：其内的一片，或其余部分
tool-surface-clip-cap-help = 用盖封闭切口
tool-surface-clip-result-help = 新建对象并隐藏原表面，或就地改变表面

## surface.boolean

tool-surface-boolean = 表面布尔运算…
tool-surface-boolean-help = 合并两个实体，从一个减去另一个，或保留两者共有的部分；始终闭合，分辨率明确。
tool-surface-boolean-surface-help = 表面
tool-surface-boolean-other-help = 另一个表面
tool-surface-boolean-how-help = 属于任一者、只属于第一个，或两者共有的部分
tool-surface-boolean-voxel_mm-help = 计算所用立方体的边长；未给出时为最长边的二百分之一，至少 0.2 mm

## surface.margin

tool-surface-margin = 表面扩缩…
tool-surface-margin-help = 使实体按距离扩大（正值）或缩小（负值），不产生自相交。
tool-surface-margin-surface-help = 表面
tool-surface-margin-margin_mm = 扩缩距离
tool-surface-margin-margin_mm-help = 距离
tool-surface-margin-voxel_mm-help = 计算所用立方体的边长；未给出时为最长边的二百分之一，至少 0.2 mm
tool-surface-margin-result-help = 新建对象并隐藏原表面，或就地改变表面

## surface.hollow

tool-surface-hollow = 表面抽壳…
tool-surface-hollow-help = 沿表面生成给定厚度的壁，例如用于打印血管或节省材料。
tool-surface-hollow-surface-help = 表面
tool-surface-hollow-thickness_mm-help = 壁的厚度
tool-surface-hollow-side = 壁的位置
tool-surface-hollow-side-help = 位于表面的哪一侧；both：两侧各半
tool-surface-hollow-voxel_mm-help = 计算所用立方体的边长；未给出时为最长边的二百分之一，至少 0.2 mm
tool-surface-hollow-result-help = 新建对象并隐藏原表面，或就地改变表面

## surface.mirror

tool-surface-mirror = 镜像表面…
tool-surface-mirror-help = 以平面镜像表面，例如以健侧作为患侧的模板。
tool-surface-mirror-surface-help = 表面
tool-surface-mirror-point-help = 平面上的一点；未给出时为表面的中心
tool-surface-mirror-normal-help = 垂直于镜像平面的方向；未给出时为左右方向
tool-surface-mirror-result-help = 新建对象并隐藏原表面，或就地改变表面

## surface.append

tool-surface-append = 拼合表面…
tool-surface-append-help = 把两个表面原样放入一个对象；布尔并集则在相接处将其连成一体。
tool-surface-append-surface-help = 表面
tool-surface-append-other-help = 另一个表面

## surface.thickness

tool-surface-thickness = 壁厚…
tool-surface-thickness-help = 按表面之后实体的厚度为表面着色：在该处内切的最大球。
tool-surface-thickness-surface-help = 表面
tool-surface-thickness-most_mm-help = 比此更厚时按此值计

## surface.distance

tool-surface-distance = 表面距离…
tool-surface-distance-help = 按到另一表面的有符号距离（内部为负）为表面着色，并给出均值、均方根、95 %、最大值和直方图。
tool-surface-distance-surface-help = 表面
tool-surface-distance-other-help = 测量到哪个表面的距离

## surface.check

tool-surface-check = 检查表面…
tool-surface-check-help = 查找孔、交叉、薄壁、非流形、翻转或退化的三角形以及分离的块；以 LPS mm 给出位置。
tool-surface-check-surface-help = 表面
tool-surface-check-thin_mm-help = 报告比此更薄的壁；0：不检查

## surface.remesh

tool-surface-remesh = 重新划分表面…
tool-surface-remesh-help = 在原表面上用大小均匀的三角形重建表面，用于模拟和打印；锐边和边界保持不变。
tool-surface-remesh-surface-help = 表面
tool-surface-remesh-edge_mm-help = 边长；未给出时取相同数目的均匀三角形的边长
tool-surface-remesh-rounds-help = 分裂、折叠、翻转和滑移的轮数
tool-surface-remesh-crease_deg-help = 表面转折大于此角度的边保持不变
tool-surface-remesh-result-help = 新建对象并隐藏原表面，或就地改变表面

## surface.repair

tool-surface-repair = 修复表面…
tool-surface-repair-help = 使表面闭合、定向一致且无自相交：小缺陷修补，否则重新包裹；说明所做的处理。
tool-surface-repair-surface-help = 表面
tool-surface-repair-hole_mm-help = 周长不超过此值的孔被填补
tool-surface-repair-voxel_mm-help = 计算所用立方体的边长；未给出时为最长边的二百分之一，至少 0.2 mm
tool-surface-repair-result-help = 新建对象并隐藏原表面，或就地改变表面

## surface.to_segment

tool-surface-to_segment = 表面转分割区…
tool-surface-to_segment-help = 标记扫描中中心位于表面之内的体素；小孔不影响结果。
tool-surface-to_segment-surface-help = 表面
tool-surface-to_segment-scan = 目标扫描
tool-surface-to_segment-scan-help = 要标记其体素的扫描
tool-surface-to_segment-into-help = 作为新分割区加入的分割；未给出时自成一个分割
tool-surface-to_segment-name-help = 名称；未给出时说明其制作方式
