### Tools that make meshes and centre lines: label, help, and what their parameters mean. Names that several tools share are in parameters.ftl.

## model.surface

tool-model-surface = 表面…
tool-model-surface-help = 由分割生成光滑闭合的表面；报告前后体积。
tool-model-surface-labels-help = 分割
tool-model-surface-segment-help = 一个分割区；未给出时为全部
tool-model-surface-smoothing-help = 0 不平滑，1 非常平滑
tool-model-surface-triangles_max-help = 三角形数上限
tool-model-surface-error_mm-help = 简化允许造成的最大误差

## model.centre_lines

tool-model-centre_lines = 中心线…
tool-model-centre_lines-help = 寻找血管或气道的中心线树：各分支的长度、每点半径、最窄处和迂曲度。
tool-model-centre_lines-labels-help = 管腔的分割
tool-model-centre_lines-segment-help = 哪个分割区；未给出时取唯一的一个
tool-model-centre_lines-root-help = 血管树的起点；未给出时取最大连通块最粗的一端
tool-model-centre_lines-ends-help = 分支的终点；未给出时自动寻找
tool-model-centre_lines-length_mm_min-help = 去除更短的分支，长度从其离开的管壁算起
tool-model-centre_lines-radius_mm_min-help = 分支追踪到此半径为止

## model.surfaces

tool-model-surfaces = 联合表面…
tool-model-surfaces-help = 同时生成所有分割区的表面；相接触的分割区共用一张面，无缝隙也无重叠。
tool-model-surfaces-labels-help = 分割
tool-model-surfaces-iterations-help = 平滑步数；0 保留体素的面

## model.tetrahedra

tool-model-tetrahedra = 四面体…
tool-model-tetrahedra-help = 用四面体填充一个或全部分割区：每个实体一个网格；相接触的分割区是其中的区域，共用交界处的顶点。
tool-model-tetrahedra-labels-help = 分割
tool-model-tetrahedra-segment-help = 一个分割区；未给出时为全部，相接触的作为一体
tool-model-tetrahedra-tets-help = 四面体的大致数目
tool-model-tetrahedra-cell_mm-help = 表面处的单元尺寸，代替单元数目
tool-model-tetrahedra-doublings-help = 远离表面时单元尺寸可加倍的次数；0 表示尺寸一致
tool-model-tetrahedra-by_curvature-help = 表面平坦处单元尺寸加倍，以便把单元留给弯曲处；需要允许加倍
