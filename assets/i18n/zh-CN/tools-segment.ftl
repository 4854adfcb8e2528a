### Tools that segment: label, help, and what their parameters mean. Names that several tools share are in parameters.ftl.

## segment.add

tool-segment-add = 添加分割区…
tool-segment-add-help = 按名称或从术语表向分割添加一个空分割区，或添加某一术式的全部分割区。
tool-segment-add-labels-help = 要加入的分割；未给出时在该扫描的体素上新建
tool-segment-add-scan-help = 新分割所依据的扫描
tool-segment-add-name-help = 名称；未给出时取术语的名称
tool-segment-add-term-help = 术语表中的结构，可用名称或 SNOMED CT 编码，例如 left kidney；由它给出编码和颜色
tool-segment-add-template-help = 手术术式，例如 liver resection：加入其中尚缺的全部结构
tool-segment-add-colour-help = 颜色，写作 #rrggbb；未给出时取术语的颜色

## segment.edit

tool-segment-edit = 编辑分割区…
tool-segment-edit-help = 对分割区重命名、改色、编码、锁定、隐藏或排序，或标明其工作进展。
tool-segment-edit-labels-help = 分割
tool-segment-edit-segment-help = 哪个分割区；未给出时取唯一的一个
tool-segment-edit-name-help = 新名称，1 至 80 个字符
tool-segment-edit-colour-help = 颜色，写作 #rrggbb
tool-segment-edit-code-help = SNOMED CT 编码，0 表示无；已知编码在未给出颜色时也给出其惯用颜色
tool-segment-edit-locked-help = 其体素是否不受任何编辑影响
tool-segment-edit-hidden-help = 是否在切片和三维场景中隐藏
tool-segment-edit-status-help = 工作的进展状态
tool-segment-edit-position = 列表位置
tool-segment-edit-position-help = 在列表中的位置，1 为首位

## segment.move

tool-segment-move = 移动分割区…
tool-segment-move-help = 把分割区移动或复制到体素相同的另一分割，或使其自成一个分割而可与其他重叠。
tool-segment-move-labels-help = 它现在所在的分割
tool-segment-move-segment-help = 哪个分割区；未给出时取唯一的一个
tool-segment-move-to-help = 要移入的分割，其中锁定分割区的体素保持不变；未给出时自成一个分割
tool-segment-move-copy-help = 原处也保留该分割区

## segment.remove

tool-segment-remove = 删除分割区…
tool-segment-remove-help = 从分割中删除一个分割区及其体素；其他分割区保持不变。
tool-segment-remove-labels-help = 分割
tool-segment-remove-segment-help = 哪个分割区

## segment.organ

tool-segment-organ = 器官
tool-segment-organ-help = 一键分割 CT 中的器官并显示其表面；给出可信度及其理由。
tool-segment-organ-scan-help = CT 扫描
tool-segment-organ-preset-help = 哪个器官
tool-segment-organ-preset-bone = 骨骼
tool-segment-organ-seed-help = 器官内的一点，用于气道、主动脉、血管、肝脏、肝内血管、脾脏、肾脏和结节；未给出时自动寻找，但结节必须给出
tool-segment-organ-into-help = 作为新分割区加入的分割；未给出时自成一个分割
tool-segment-organ-surface = 生成表面
tool-segment-organ-surface-help = 同时生成表面
tool-segment-organ-smoothing-help = 0 不平滑，1 非常平滑
tool-segment-organ-triangles_max-help = 每个表面的三角形数上限

## segment.brain

tool-segment-brain = 脑
tool-segment-brain-help = 去除 T1 加权 MR 中的颅骨，区分灰质、白质和脑脊液；给出可信度及其理由。
tool-segment-brain-scan-help = 头部 T1 加权 MR
tool-segment-brain-into-help = 作为新分割区加入的分割；未给出时自成一个分割
tool-segment-brain-surface = 生成表面
tool-segment-brain-surface-help = 同时生成灰质和白质的表面
tool-segment-brain-smoothing-help = 0 不平滑，1 非常平滑
tool-segment-brain-triangles_max-help = 每个表面的三角形数上限

## segment.model

tool-segment-model = 用网络文件分割…
tool-segment-model-help = 按旁边的小清单（JSON）用 ONNX 文件中的网络分割；数据不离开本机。
tool-segment-model-scan-help = 扫描
tool-segment-model-path = 清单文件
tool-segment-model-path-help = 清单文件（JSON）；网络文件在其旁边
tool-segment-model-flips-help = 对清单所列的翻转图像也取平均；较慢，略好
tool-segment-model-plan_only-help = 只说明所需条件：内存、分块、来源和许可

## segment.threshold

tool-segment-threshold = 阈值…
tool-segment-threshold-help = 标记扫描中数值在某一范围内（含两端）的体素：范围可直接给出、取自某种组织，或由直方图求得。
tool-segment-threshold-scan-help = 扫描
tool-segment-threshold-method-help = 范围的来源：此处给出的上下限或组织，或依直方图区分明暗的方法
tool-segment-threshold-tissue-help = 以 CT 中某种组织的常用范围代替上下限
tool-segment-threshold-low_hu-help = 范围下限；非 CT 扫描的数值无单位
tool-segment-threshold-high_hu-help = 范围上限；32767 及以上表示取下限以上的全部
tool-segment-threshold-side = 标记侧
tool-segment-threshold-side-help = 标记由直方图求得的阈值的哪一侧
tool-segment-threshold-largest_only-help = 只保留最大的连通块
tool-segment-threshold-into-help = 作为新分割区加入的分割；未给出时自成一个分割
tool-segment-threshold-name-help = 名称；未给出时说明其制作方式

## segment.local_threshold

tool-segment-local_threshold = 局部阈值…
tool-segment-local_threshold-help = 标记数值在范围内且与点击处相连的部分，在细于给定直径处停止。
tool-segment-local_threshold-scan-help = 扫描
tool-segment-local_threshold-seeds-help = 目标内的一处或多处
tool-segment-local_threshold-low-help = 数值范围下限（CT 中为 HU）
tool-segment-local_threshold-high-help = 范围上限；32767 及以上表示不限
tool-segment-local_threshold-diameter_mm_min-help = 不穿过比此更细的颈部；0 表示不限
tool-segment-local_threshold-into-help = 作为新分割区加入的分割；未给出时自成一个分割
tool-segment-local_threshold-name-help = 名称；未给出时说明其制作方式

## segment.region_grow

tool-segment-region_grow = 区域生长…
tool-segment-region_grow-help = 从一处或多处生长区域，范围固定或由其自身数值推得。
tool-segment-region_grow-scan-help = 扫描
tool-segment-region_grow-seeds-help = 目标内的一处或多处
tool-segment-region_grow-range-help = 置信区间：反复测量已生长区域的均值和偏差；固定：使用给定的上下限
tool-segment-region_grow-low-help = 允许的最低值（CT 中为 HU）；未给出时不限
tool-segment-region_grow-high-help = 允许的最高值（CT 中为 HU）；未给出时不限
tool-segment-region_grow-deviations-help = 用于“置信区间”：均值两侧取几倍标准差
tool-segment-region_grow-iterations-help = 用于“置信区间”：重新测量并生长的次数
tool-segment-region_grow-radius-help = 用于“置信区间”：首次测量时每处周围的体素数
tool-segment-region_grow-leak_diameter_mm-help = 阻止比此更细的渗漏，同样细的分支也会被阻止；0 表示不阻止
tool-segment-region_grow-into-help = 作为新分割区加入的分割；未给出时自成一个分割
tool-segment-region_grow-name-help = 名称；未给出时说明其制作方式

## segment.grow_from_seeds

tool-segment-grow_from_seeds = 由种子生长…
tool-segment-grow_from_seeds-help = 在每个结构中涂少许，作为同一组的分割区，其余部分也涂一个：周围所有体素归入最相似的种子。哪里不对就再涂一些，然后重新运行。
tool-segment-grow_from_seeds-labels-help = 以其分割区为种子的分割组
tool-segment-grow_from_seeds-margin_mm-help = 在种子周围生长的最大距离
tool-segment-grow_from_seeds-hu_per_mm-help = 一毫米路程与沿途数值差异相比的权重；非 CT 扫描以中间 98 % 的数值计作 1000 HU
tool-segment-grow_from_seeds-only_from-help = 只改变扫描值不低于此值的体素（CT 中为 HU）；未给出时无下限
tool-segment-grow_from_seeds-only_to-help = 只改变扫描值不高于此值的体素（CT 中为 HU）；未给出时无上限
tool-segment-grow_from_seeds-previous-help = 要由本次结果取代的先前生长结果；未给出时新建分割

## segment.watershed

tool-segment-watershed = 分水岭…
tool-segment-watershed-help = 在每个结构中涂一个标记，作为同一组的分割区，其余部分也涂一个：边界形成于它们之间最强的边缘。
tool-segment-watershed-labels-help = 分割
tool-segment-watershed-margin_mm-help = 在标记周围淹没的最大距离
tool-segment-watershed-sigma_mm-help = 寻找边缘之前对扫描的平滑程度
tool-segment-watershed-only_from-help = 只改变扫描值不低于此值的体素（CT 中为 HU）；未给出时无下限
tool-segment-watershed-only_to-help = 只改变扫描值不高于此值的体素（CT 中为 HU）；未给出时无上限

## segment.random_walker

tool-segment-random_walker = 随机游走…
tool-segment-random_walker-help = 在每个结构和其余部分涂或点少许：每个体素归入沿相近数值随机游走最先遇到的种子，因此能弥合微弱或中断的边缘。适用于不超过 800 万体素的范围。
tool-segment-random_walker-labels-help = 分割
tool-segment-random_walker-segment-help = 哪个分割区；未给出时取唯一的一个
tool-segment-random_walker-inside-help = 在分割区内点击的位置，与其体素一样作为种子
tool-segment-random_walker-outside-help = 在所有分割区之外点击的位置，作为其余部分的种子
tool-segment-random_walker-margin_mm-help = 在种子周围搜索的距离
tool-segment-random_walker-beta-help = 数值差异的权重：达到通常噪声的差异，被跨越的几率是无差异时的 exp(−beta) 倍
tool-segment-random_walker-sigma_mm-help = 预先对扫描的平滑程度
tool-segment-random_walker-only_from-help = 只改变扫描值不低于此值的体素（CT 中为 HU）；未给出时无下限
tool-segment-random_walker-only_to-help = 只改变扫描值不高于此值的体素（CT 中为 HU）；未给出时无上限
tool-segment-random_walker-output-help = 新建分割、编辑种子所在的分割，或给出最可能标签之概率的图像

## segment.level_set

tool-segment-level_set = 水平集…
tool-segment-level_set-help = 使分割区或点击处小球的边界平滑地移到边缘上（测地活动轮廓）或两个区域之间（Chan-Vese），直到静止或达到预期体积。
tool-segment-level_set-labels-help = 分割
tool-segment-level_set-segment-help = 哪个分割区；未给出时取唯一的一个
tool-segment-level_set-click-help = 不从分割区，而从此处周围的球开始
tool-segment-level_set-radius_mm = 球半径
tool-segment-level_set-radius_mm-help = 点击处球的半径
tool-segment-level_set-method-help = 边缘：在数值陡变处停止；区域：区分与内部均值相近和与外部均值相近的部分
tool-segment-level_set-propagation-help = 用于“边缘”：远离边缘时的速度，正值向外，负值向内
tool-segment-level_set-advection_mm-help = 用于“边缘”：边缘从两侧吸引前沿的强度
tool-segment-level_set-edge-help = 用于“边缘”：前沿速度减半时的梯度（CT 中为 HU/mm）；未给出时由周围图像求得
tool-segment-level_set-lambda_in-help = 用于“区域”：排斥与内部不同之数值的强度
tool-segment-level_set-lambda_out-help = 用于“区域”：吸纳与外部不同之数值的强度
tool-segment-level_set-curvature_mm-help = 前沿保持的光滑程度；不穿过半径约小于此值的孔
tool-segment-level_set-sigma_mm-help = 预先对扫描的平滑程度
tool-segment-level_set-volume_ml-help = 达到此体积即停止，精确到一个体素；未给出时到静止为止
tool-segment-level_set-iterations = 最大步数
tool-segment-level_set-iterations-help = 步数上限，每步最多半个体素
tool-segment-level_set-reach_mm-help = 前沿可离开起始处的距离；用“区域”时也界定何为外部
tool-segment-level_set-only_inside-help = 只改变另一分割区内的体素；未给出时不限
tool-segment-level_set-only_from-help = 只改变扫描值不低于此值的体素（CT 中为 HU）；未给出时无下限
tool-segment-level_set-only_to-help = 只改变扫描值不高于此值的体素（CT 中为 HU）；未给出时无上限
tool-segment-level_set-result-help = 就地编辑该分割区，或新建对象而保留原分割区

## segment.fast_marching

tool-segment-fast_marching = 快速行进…
tool-segment-fast_marching-help = 前沿从点击处出发，在数值相近处快速行进，直到达到预期体积。
tool-segment-fast_marching-scan-help = 扫描
tool-segment-fast_marching-seeds-help = 目标内的一处或多处
tool-segment-fast_marching-volume_ml-help = 结束时的体积
tool-segment-fast_marching-deviations-help = 数值偏离各处均值多少倍标准差之前前沿不减速
tool-segment-fast_marching-into-help = 作为新分割区加入的分割；未给出时自成一个分割
tool-segment-fast_marching-name-help = 名称；未给出时说明其制作方式

## segment.vesselness

tool-segment-vesselness = 血管增强…
tool-segment-vesselness-help = 按图像曲率（Frangi 1998）寻找给定半径的细血管，结果为阈值以上的分割区或 0 至 1 的数值图像。
tool-segment-vesselness-scan-help = 扫描
tool-segment-vesselness-radius_mm_min-help = 最细血管的半径
tool-segment-vesselness-radius_mm_max-help = 最粗血管的半径；以其半径的 0.71 倍平滑图像时血管响应最强
tool-segment-vesselness-scales-help = 从最细到最粗尝试多少种半径
tool-segment-vesselness-vessels-help = 相对于周围的明暗
tool-segment-vesselness-contrast-help = 血管比周围亮或暗多少（CT 中为 HU）；未给出时取最强边缘，但骨骼会造成误导
tool-segment-vesselness-threshold-help = 达到此血管增强值的体素被标记
tool-segment-vesselness-seeds-help = 只保留含有其中一点的连通块
tool-segment-vesselness-volume_ml_min-help = 去除更小的连通块
tool-segment-vesselness-output-help = 标记的体素，或数值图像
tool-segment-vesselness-only_inside-help = 只改变另一分割区内的体素；未给出时不限
tool-segment-vesselness-only_from-help = 只改变扫描值不低于此值的体素（CT 中为 HU）；未给出时无下限
tool-segment-vesselness-only_to-help = 只改变扫描值不高于此值的体素（CT 中为 HU）；未给出时无上限
tool-segment-vesselness-into-help = 作为新分割区加入的分割；未给出时自成一个分割
tool-segment-vesselness-name-help = 名称；未给出时说明其制作方式

## segment.tube

tool-segment-tube = 管状结构…
tool-segment-tube-help = 沿过各点的光滑曲线绘制一根管，例如血管、引流管或神经，作为分割区。
tool-segment-tube-scan-help = 在其上绘制的扫描
tool-segment-tube-points-help = 依次经过的点
tool-segment-tube-radius_mm = 管半径
tool-segment-tube-radius_mm-help = 半径
tool-segment-tube-radii_mm-help = 各点处的半径，单位 mm，以逗号分隔，例如 3, 2.5, 2；未给出时处处相同
tool-segment-tube-smooth-help = 过各点的光滑曲线；否则为折线
tool-segment-tube-only_inside-help = 只改变另一分割区内的体素；未给出时不限
tool-segment-tube-only_from-help = 只改变扫描值不低于此值的体素（CT 中为 HU）；未给出时无下限
tool-segment-tube-only_to-help = 只改变扫描值不高于此值的体素（CT 中为 HU）；未给出时无上限
tool-segment-tube-into-help = 作为新分割区加入的分割；未给出时自成一个分割
tool-segment-tube-name-help = 名称；未给出时说明其制作方式

## segment.fill_between_slices

tool-segment-fill_between_slices = 层间填充…
tool-segment-fill_between_slices-help = 每隔几层绘制分割区；本工具填补其间的切片，对所有分割区同时进行且不重叠。
tool-segment-fill_between_slices-labels-help = 分割
tool-segment-fill_between_slices-segment-help = 哪个分割区；未给出时取所有未锁定的分割区
tool-segment-fill_between_slices-across-help = 在哪些切片上绘制：扫描切片，或横穿其行或列的切片；自动：间隔最大的一组

## segment.paint

tool-segment-paint = 涂画…
tool-segment-paint-help = 用圆形画笔沿各点涂画、擦除或平滑，可在一层切片内，或以球在三维中进行。
tool-segment-paint-labels-help = 分割
tool-segment-paint-segment-help = 哪个分割区；未给出时取唯一的一个
tool-segment-paint-points-help = 画笔依次经过的位置
tool-segment-paint-radius_mm = 画笔半径
tool-segment-paint-radius_mm-help = 画笔半径
tool-segment-paint-slice_normal-help = 垂直于所画切片的方向，画笔为圆盘；未给出时为球
tool-segment-paint-mode-help = 向分割区加入体素、去除体素，或以画笔半径三分之一的高斯函数使其表面平整
tool-segment-paint-takes-help = 画笔下的所有体素，或仅与画笔中心相似且相连的体素
tool-segment-paint-tolerance = 相似容差
tool-segment-paint-tolerance-help = 相似值与画笔内三分之一均值的最大差（CT 中为 HU）；未给出时为该部分标准差的 2.5 倍
tool-segment-paint-only_inside-help = 只改变另一分割区内的体素；未给出时不限
tool-segment-paint-only_from-help = 只改变扫描值不低于此值的体素（CT 中为 HU）；未给出时无下限
tool-segment-paint-only_to-help = 只改变扫描值不高于此值的体素（CT 中为 HU）；未给出时无上限
tool-segment-paint-result-help = 就地编辑该分割区，或新建对象而保留原分割区

## segment.draw

tool-segment-draw = 勾画…
tool-segment-draw-help = 填充或擦除在一层切片内绘制的闭合轮廓（手绘、多边形、活动导线或追踪）。
tool-segment-draw-labels-help = 分割
tool-segment-draw-segment-help = 哪个分割区；未给出时取唯一的一个
tool-segment-draw-points = 轮廓点
tool-segment-draw-points-help = 轮廓的顶点，依次给出；自动闭合
tool-segment-draw-slice_normal-help = 垂直于切片的方向
tool-segment-draw-erase-help = 从分割区去除轮廓内的部分，而不是加入
tool-segment-draw-only_inside-help = 只改变另一分割区内的体素；未给出时不限
tool-segment-draw-only_from-help = 只改变扫描值不低于此值的体素（CT 中为 HU）；未给出时无下限
tool-segment-draw-only_to-help = 只改变扫描值不高于此值的体素（CT 中为 HU）；未给出时无上限
tool-segment-draw-result-help = 就地编辑该分割区，或新建对象而保留原分割区

## segment.scissors

tool-segment-scissors = 剪刀…
tool-segment-scissors-help = 沿视线贯穿身体，擦除或填充轮廓线之内或之外的部分。
tool-segment-scissors-labels-help = 分割
tool-segment-scissors-segment-help = 哪个分割区；未给出时取唯一的一个
tool-segment-scissors-points = 轮廓线点
tool-segment-scissors-points-help = 轮廓线的顶点，依次给出；自动闭合
tool-segment-scissors-direction-help = 视线方向
tool-segment-scissors-eye-help = 透视视图的视点；未给出时为平行投影
tool-segment-scissors-operation = 方式
tool-segment-scissors-operation-help = 在轮廓线的哪一侧做什么
tool-segment-scissors-depth_mm-help = 切割厚度，轮廓线两侧各半；未给出时贯穿
tool-segment-scissors-all_segments-help = 对所有未锁定的分割区擦除
tool-segment-scissors-only_inside-help = 只改变另一分割区内的体素；未给出时不限
tool-segment-scissors-only_from-help = 只改变扫描值不低于此值的体素（CT 中为 HU）；未给出时无下限
tool-segment-scissors-only_to-help = 只改变扫描值不高于此值的体素（CT 中为 HU）；未给出时无上限
tool-segment-scissors-result-help = 就地编辑该分割区，或新建对象而保留原分割区

## segment.smooth

tool-segment-smooth = 平滑…
tool-segment-smooth-help = 使分割区表面平整；“联合”同时平滑分割中所有分割区，彼此之间不留缝隙。
tool-segment-smooth-labels-help = 分割
tool-segment-smooth-segment-help = 哪个分割区；未给出时取唯一的一个
tool-segment-smooth-method-help = 中值保留边缘，开运算去除凸起，闭运算填平凹陷，高斯最为平整，联合对所有分割区同时做高斯平滑
tool-segment-smooth-kernel_mm-help = 要消除的细节尺寸：中值窗的边长、球的直径、两倍标准差
tool-segment-smooth-only_inside-help = 只改变另一分割区内的体素；未给出时不限
tool-segment-smooth-only_from-help = 只改变扫描值不低于此值的体素（CT 中为 HU）；未给出时无下限
tool-segment-smooth-only_to-help = 只改变扫描值不高于此值的体素（CT 中为 HU）；未给出时无上限
tool-segment-smooth-result-help = 就地编辑该分割区，或新建对象而保留原分割区

## segment.islands

tool-segment-islands = 连通块…
tool-segment-islands-help = 保留分割区最大的连通块、去除小块，保留、去除或加入某点处的块，或使每块成为一个分割区。
tool-segment-islands-labels-help = 分割
tool-segment-islands-segment-help = 哪个分割区；未给出时取唯一的一个
tool-segment-islands-method-help = 所选块：该点处的连通块；加入：该点处不属于任何分割区的体素块；拆分：每块成为一个分割区，最大块保留原位
tool-segment-islands-voxels_min-help = 更小的块由“去除小块”去除，由“拆分”留在原处
tool-segment-islands-volume_ml_min-help = 以体积表示的同一限值；给出时以此为准
tool-segment-islands-at = 块内点
tool-segment-islands-at-help = 连通块内的一点，用于所选块的方法
tool-segment-islands-only_inside-help = 只改变另一分割区内的体素；未给出时不限
tool-segment-islands-only_from-help = 只改变扫描值不低于此值的体素（CT 中为 HU）；未给出时无下限
tool-segment-islands-only_to-help = 只改变扫描值不高于此值的体素（CT 中为 HU）；未给出时无上限
tool-segment-islands-result-help = 就地编辑该分割区，或新建对象而保留原分割区

## segment.margin

tool-segment-margin = 边界扩缩…
tool-segment-margin-help = 使分割区按距离扩大（正值）或缩小（负值），任何间距下精确到半个体素。
tool-segment-margin-labels-help = 分割
tool-segment-margin-segment-help = 哪个分割区；未给出时取唯一的一个
tool-segment-margin-margin_mm = 扩缩距离
tool-segment-margin-margin_mm-help = 距离
tool-segment-margin-only_inside-help = 只改变另一分割区内的体素；未给出时不限
tool-segment-margin-only_from-help = 只改变扫描值不低于此值的体素（CT 中为 HU）；未给出时无下限
tool-segment-margin-only_to-help = 只改变扫描值不高于此值的体素（CT 中为 HU）；未给出时无上限
tool-segment-margin-result-help = 就地编辑该分割区，或新建对象而保留原分割区

## segment.hollow

tool-segment-hollow = 抽壳…
tool-segment-hollow-help = 使分割区成为沿其表面的壳，例如血管腔周围的管壁；在离开扫描处敞开。
tool-segment-hollow-labels-help = 分割
tool-segment-hollow-segment-help = 哪个分割区；未给出时取唯一的一个
tool-segment-hollow-thickness_mm-help = 壳的厚度
tool-segment-hollow-side = 壳的位置
tool-segment-hollow-side-help = 位于表面的哪一侧；both：两侧各半
tool-segment-hollow-only_inside-help = 只改变另一分割区内的体素；未给出时不限
tool-segment-hollow-only_from-help = 只改变扫描值不低于此值的体素（CT 中为 HU）；未给出时无下限
tool-segment-hollow-only_to-help = 只改变扫描值不高于此值的体素（CT 中为 HU）；未给出时无上限
tool-segment-hollow-result-help = 就地编辑该分割区，或新建对象而保留原分割区

## segment.fill_holes

tool-segment-fill_holes = 填充空洞…
tool-segment-fill_holes-help = 填充分割区的空洞，在空间中或逐层进行，大小不超过给定值。
tool-segment-fill_holes-labels-help = 分割
tool-segment-fill_holes-segment-help = 哪个分割区；未给出时取唯一的一个
tool-segment-fill_holes-holes-help = 空间：各个方向都封闭；切片：在一层扫描切片内封闭，如管腔
tool-segment-fill_holes-volume_ml_max-help = 更大的空洞保持敞开；按切片填充时每层的空洞单独计算；未给出时全部填充
tool-segment-fill_holes-only_inside-help = 只改变另一分割区内的体素；未给出时不限
tool-segment-fill_holes-only_from-help = 只改变扫描值不低于此值的体素（CT 中为 HU）；未给出时无下限
tool-segment-fill_holes-only_to-help = 只改变扫描值不高于此值的体素（CT 中为 HU）；未给出时无上限
tool-segment-fill_holes-result-help = 就地编辑该分割区，或新建对象而保留原分割区

## segment.wrap

tool-segment-wrap = 包裹实体化…
tool-segment-wrap-help = 封闭分割区的缝隙和窗口，填充被包围的部分并使结果平整：得到一个实体，例如用于导板。
tool-segment-wrap-labels-help = 分割
tool-segment-wrap-segment-help = 哪个分割区；未给出时取唯一的一个
tool-segment-wrap-gap_mm-help = 宽度不超过此值的开口被封闭
tool-segment-wrap-detail_mm-help = 由封闭产生且比此更薄的部分再被去除
tool-segment-wrap-only_inside-help = 只改变另一分割区内的体素；未给出时不限
tool-segment-wrap-only_from-help = 只改变扫描值不低于此值的体素（CT 中为 HU）；未给出时无下限
tool-segment-wrap-only_to-help = 只改变扫描值不高于此值的体素（CT 中为 HU）；未给出时无上限
tool-segment-wrap-result-help = 就地编辑该分割区，或新建对象而保留原分割区

## segment.logic

tool-segment-logic = 逻辑运算…
tool-segment-logic-help = 使分割区成为另一分割区的副本，与其相加、相减或求交，或反转、清空、填满。
tool-segment-logic-labels-help = 分割
tool-segment-logic-segment-help = 哪个分割区；未给出时取唯一的一个
tool-segment-logic-operation-help = 复制、相加、相减和求交需要另一分割区；反转、清空和填满不需要
tool-segment-logic-operation-union = 相加
tool-segment-logic-with-help = 另一分割区；未给出时取另一分割中唯一的一个
tool-segment-logic-with_labels-help = 另一分割区所在的分割，体素须相同；未给出时为同一分割
tool-segment-logic-only_inside-help = 只改变另一分割区内的体素；未给出时不限
tool-segment-logic-only_from-help = 只改变扫描值不低于此值的体素（CT 中为 HU）；未给出时无下限
tool-segment-logic-only_to-help = 只改变扫描值不高于此值的体素（CT 中为 HU）；未给出时无上限
tool-segment-logic-result-help = 就地编辑该分割区，或新建对象而保留原分割区

## segment.mask_volume

tool-segment-mask_volume = 掩膜图像…
tool-segment-mask_volume-help = 生成一个扫描，其分割区之外（或之内）的数值统一为一个值。
tool-segment-mask_volume-labels-help = 分割
tool-segment-mask_volume-segment-help = 哪个分割区；未给出时取唯一的一个
tool-segment-mask_volume-scan-help = 扫描，体素须相同
tool-segment-mask_volume-replace-help = 哪些体素被赋予该值
tool-segment-mask_volume-value-help = 所赋的值（CT 中为 HU；-1000 为空气）

## segment.refine_clicks

tool-segment-refine_clicks = 点击修正…
tool-segment-refine_clicks-help = 用点击修正分割区：与内部点击相似且邻近的部分加入，邻近外部点击的部分去除。
tool-segment-refine_clicks-labels-help = 分割
tool-segment-refine_clicks-segment-help = 哪个分割区；未给出时取唯一的一个
tool-segment-refine_clicks-inside-help = 属于分割区的位置或涂线
tool-segment-refine_clicks-outside-help = 不属于分割区的位置或涂线
tool-segment-refine_clicks-reach_mm-help = 点击经由相似组织可影响的距离
tool-segment-refine_clicks-contrast = 数值权重
tool-segment-refine_clicks-contrast-help = 数值与点击处不同的地方，前进要难多少；0 表示忽略数值
tool-segment-refine_clicks-only_inside-help = 只改变另一分割区内的体素；未给出时不限
tool-segment-refine_clicks-only_from-help = 只改变扫描值不低于此值的体素（CT 中为 HU）；未给出时无下限
tool-segment-refine_clicks-only_to-help = 只改变扫描值不高于此值的体素（CT 中为 HU）；未给出时无上限
tool-segment-refine_clicks-result-help = 就地编辑该分割区，或新建对象而保留原分割区

## segment.copy_to

tool-segment-copy_to = 复制到扫描…
tool-segment-copy_to-help = 把分割复制到另一扫描的体素上，例如另一时间点或更精细的重建；在患者体内的位置不变。
tool-segment-copy_to-labels-help = 分割
tool-segment-copy_to-scan = 目标扫描
tool-segment-copy_to-scan-help = 提供目标体素的扫描
tool-segment-copy_to-smooth = 插值
tool-segment-copy_to-smooth-help = 在切片之间对表面插值，适用于目标切片更薄的情形；否则每个体素取最近的标签

## segment.refine

tool-segment-refine = 细化体素…
tool-segment-refine-help = 把分割放到比扫描更细的体素上，范围在其分割区周围，其间表面光滑；不需要扫描的工具可继续对其操作。
tool-segment-refine-labels-help = 分割
tool-segment-refine-factor-help = 体素沿最短边切成几份
tool-segment-refine-even-help = 把较长的边切成更多份，使体素成为立方体
tool-segment-refine-margin_mm = 周围距离
tool-segment-refine-margin_mm-help = 分割区之外保留体素的距离

## segment.statistics

tool-segment-statistics = 统计…
tool-segment-statistics-help = 测量每个分割区：体积及其界限、表面积、扫描数值、包围盒、长轴和短轴。
tool-segment-statistics-labels-help = 分割
tool-segment-statistics-scan-help = 测量其数值的扫描，体素须相同；未给出时取分割所依据的扫描
tool-segment-statistics-path = 表格文件
tool-segment-statistics-path-help = 写入表格的 CSV 文件；未给出时不写

## segment.compare

tool-segment-compare = 比较…
tool-segment-compare-help = 把分割区与另一分割中的比较：Dice、表面距离、体积，以及着色表面。
tool-segment-compare-labels-help = 被评价的分割
tool-segment-compare-segment-help = 其中哪个分割区；未给出时取参考中有同名者的全部
tool-segment-compare-reference-help = 作为比较依据的分割；可为同一分割
tool-segment-compare-reference_segment-help = 参考中的哪个分割区；未给出时取唯一的一个或同名的一个
tool-segment-compare-tolerance_mm-help = 在表面 Dice 中，边界相距多远仍算相同
tool-segment-compare-surface = 着色表面
tool-segment-compare-surface-help = 生成表面，按其到参考的距离着色

## segment.staple

tool-segment-staple = 阅片者共识…
tool-segment-staple-help = 用 STAPLE 由多位阅片者估计真值，与多数表决并列，并评价每位阅片者。
tool-segment-staple-reader_1-help = 第一位阅片者的分割
tool-segment-staple-reader_2-help = 第二位阅片者的分割，体素须相同
tool-segment-staple-reader_3-help = 另一位阅片者的分割
tool-segment-staple-reader_4-help = 另一位阅片者的分割
tool-segment-staple-reader_5-help = 另一位阅片者的分割
tool-segment-staple-reader_6-help = 另一位阅片者的分割
tool-segment-staple-reader_7-help = 另一位阅片者的分割
tool-segment-staple-reader_8-help = 另一位阅片者的分割
tool-segment-staple-name-help = 各分割中所指的分割区；未给出时取各自的全部分割区
tool-segment-staple-around_mm-help = 在所有标记周围多远以内计入背景：背景越多，估计越相信单个阅片者
tool-segment-staple-whole_scan-help = 计入全部背景，与 ITK 的滤波器相同
