### Tools that simulate: label, help, and what their parameters mean. Names that several tools share are in parameters.ftl.

## simulate.tissue

tool-simulate-tissue = 牵拉或按压…
tool-simulate-tissue-help = 固定器官的一侧，牵拉、按压或使其受重，计算其静止位置。
tool-simulate-tissue-mesh-help = 四面体网格
tool-simulate-tissue-tissue-help = 组织种类，未给出时由名称判断；常数及来源见表
tool-simulate-tissue-young_kpa-help = 代替表中数值的刚度
tool-simulate-tissue-hold-help = 固定的一侧
tool-simulate-tissue-action-help = 牵拉一片区域、按压、仅受自重悬垂，或除气体、收缩和体位重力之外什么都不做
tool-simulate-tissue-at-help = 位置；未给出时在固定侧的对侧
tool-simulate-tissue-by_mm-help = 被牵拉区域的位移；未给出时向外 15 mm
tool-simulate-tissue-radius_mm-help = 作用区域的半径
tool-simulate-tissue-pressure_kpa-help = 作用于按压区域的压力；负值为吸引
tool-simulate-tissue-position-help = 患者体位，用于器官自重；未给出时不计自重，因为扫描显示的是已受重力的器官
tool-simulate-tissue-hold_part-help = 被固定部分占其范围的比例
tool-simulate-tissue-poisson-help = 代替表中数值的泊松比
tool-simulate-tissue-model-help = 大变形的本构定律，或仅用于小变形的线性定律；小应变时刚度都相同
tool-simulate-tissue-ogden_alpha-help = Ogden 定律的指数：2 为 neo-Hookean，更大时拉伸变硬，小于 0 时压缩变硬；不可为 0
tool-simulate-tissue-mooney_share-help = Mooney-Rivlin 定律第二常数在刚度中的比例；0 为 neo-Hookean
tool-simulate-tissue-constants-help = 以已发表的定律及其常数代替模型；给出杨氏模量时全部应力按该刚度缩放
tool-simulate-tissue-fibre_direction-help = 纤维走向，处处相同（LPS，长度任意），用于含纤维的定律和收缩
tool-simulate-tissue-fibre_lines-help = 纤维所沿的中心线，代替单一方向；动脉壁的纤维角度绕中心线计算
tool-simulate-tissue-contract_kpa-help = 沿纤维的主动张力：心肌峰值约 60 至 100
tool-simulate-tissue-elements-help = 达到相同误差时二次单元所需的四面体少得多，但每个耗时更长，且不支持床面支撑和接触
tool-simulate-tissue-contact-help = 互不相连的部分、肺叶或肝叶以及切口两侧是否相互挤压，而不是彼此穿过
tool-simulate-tissue-friction-help = 接触处的库仑摩擦系数；湿润的浆膜几乎无摩擦滑动
tool-simulate-tissue-hold_at-help = 代替一侧而固定的位置：韧带和血管进入处
tool-simulate-tissue-hold_radius_mm-help = 每个固定位置周围的范围
tool-simulate-tissue-hold_touching-help = 与器官接触并在接触处固定它的表面，代替一侧：相邻器官或骨
tool-simulate-tissue-touching_mm-help = 器官距该表面多近时被固定
tool-simulate-tissue-tilt_deg-help = 手术台头低倾角（Trendelenburg 位）；负值为头高
tool-simulate-tissue-gas_mmhg-help = 器官自由表面上的气体压力（气腹：8 至 15）
tool-simulate-tissue-bed_kpa_mm-help = 器官（处于某体位时）所靠的邻近组织支撑的硬度：压力与其退让距离之比；0 表示无

## simulate.relax

tool-simulate-relax = 保持一段时间…
tool-simulate-relax-help = 牵拉、按压会松弛的器官组织或使其受重，保持一段时间，跟踪力和位移随时间的变化。
tool-simulate-relax-mesh-help = 四面体网格
tool-simulate-relax-tissue-help = 组织种类，未给出时由名称判断；常数及来源见表
tool-simulate-relax-young_kpa-help = 代替表中数值的刚度
tool-simulate-relax-hold-help = 固定的一侧
tool-simulate-relax-action-help = 牵拉一片区域、按压、仅受自重悬垂，或除气体、收缩和体位重力之外什么都不做
tool-simulate-relax-by_mm-help = 被牵拉区域的位移；未给出时向外 15 mm
tool-simulate-relax-relaxation-help = 已发表的应力松弛规律；未给出时用下面两个数值表示的单一松弛时间
tool-simulate-relax-relaxes_percent-help = 快速加载应力中消退的比例；器官多为 30 至 70；刚度指缓慢加载时的刚度
tool-simulate-relax-relaxes_in_s-help = 应力消退到 1/e 的时间
tool-simulate-relax-held_s-help = 此后保持的时间
tool-simulate-relax-ramp_s-help = 载荷均匀加上的时间
tool-simulate-relax-at-help = 位置；未给出时在固定侧的对侧
tool-simulate-relax-radius_mm-help = 作用区域的半径
tool-simulate-relax-pressure_kpa-help = 作用于按压区域的压力；负值为吸引
tool-simulate-relax-position-help = 患者体位，用于器官自重；未给出时不计自重，因为扫描显示的是已受重力的器官
tool-simulate-relax-hold_part-help = 被固定部分占其范围的比例
tool-simulate-relax-poisson-help = 代替表中数值的泊松比
tool-simulate-relax-model-help = 大变形的本构定律，或仅用于小变形的线性定律；小应变时刚度都相同
tool-simulate-relax-ogden_alpha-help = Ogden 定律的指数：2 为 neo-Hookean，更大时拉伸变硬，小于 0 时压缩变硬；不可为 0
tool-simulate-relax-mooney_share-help = Mooney-Rivlin 定律第二常数在刚度中的比例；0 为 neo-Hookean
tool-simulate-relax-constants-help = 以已发表的定律及其常数代替模型；给出杨氏模量时全部应力按该刚度缩放
tool-simulate-relax-fibre_direction-help = 纤维走向，处处相同（LPS，长度任意），用于含纤维的定律和收缩
tool-simulate-relax-fibre_lines-help = 纤维所沿的中心线，代替单一方向；动脉壁的纤维角度绕中心线计算
tool-simulate-relax-contract_kpa-help = 沿纤维的主动张力：心肌峰值约 60 至 100
tool-simulate-relax-hold_at-help = 代替一侧而固定的位置：韧带和血管进入处
tool-simulate-relax-hold_radius_mm-help = 每个固定位置周围的范围
tool-simulate-relax-hold_touching-help = 与器官接触并在接触处固定它的表面，代替一侧：相邻器官或骨
tool-simulate-relax-touching_mm-help = 器官距该表面多近时被固定
tool-simulate-relax-tilt_deg-help = 手术台头低倾角（Trendelenburg 位）；负值为头高
tool-simulate-relax-gas_mmhg-help = 器官自由表面上的气体压力（气腹：8 至 15）
tool-simulate-relax-bed_kpa_mm-help = 器官（处于某体位时）所靠的邻近组织支撑的硬度：压力与其退让距离之比；0 表示无

## simulate.release

tool-simulate-release = 松手…
tool-simulate-release-help = 牵拉或按压器官后松手，计入惯性跟踪其回摆，并核算能量。
tool-simulate-release-mesh-help = 四面体网格
tool-simulate-release-tissue-help = 组织种类，未给出时由名称判断；常数及来源见表
tool-simulate-release-young_kpa-help = 代替表中数值的刚度
tool-simulate-release-hold-help = 固定的一侧
tool-simulate-release-action-help = 牵拉一片区域、按压、仅受自重悬垂，或除气体、收缩和体位重力之外什么都不做
tool-simulate-release-by_mm-help = 被牵拉区域的位移；未给出时向外 15 mm
tool-simulate-release-seconds-help = 跟踪的时长
tool-simulate-release-damping_per_s-help = 周围组织的阻力：力与动量之比；估计值，0 表示无
tool-simulate-release-viscosity_ms-help = 组织对形状快速变化的阻力：粘性刚度与弹性刚度之比；估计值，0 表示无
tool-simulate-release-step_ms-help = 时间步长；所关心的最快运动周期的二十分之一或更小
tool-simulate-release-at-help = 位置；未给出时在固定侧的对侧
tool-simulate-release-radius_mm-help = 作用区域的半径
tool-simulate-release-pressure_kpa-help = 作用于按压区域的压力；负值为吸引
tool-simulate-release-position-help = 患者体位，用于器官自重；未给出时不计自重，因为扫描显示的是已受重力的器官
tool-simulate-release-hold_part-help = 被固定部分占其范围的比例
tool-simulate-release-poisson-help = 代替表中数值的泊松比
tool-simulate-release-model-help = 大变形的本构定律，或仅用于小变形的线性定律；小应变时刚度都相同
tool-simulate-release-ogden_alpha-help = Ogden 定律的指数：2 为 neo-Hookean，更大时拉伸变硬，小于 0 时压缩变硬；不可为 0
tool-simulate-release-mooney_share-help = Mooney-Rivlin 定律第二常数在刚度中的比例；0 为 neo-Hookean
tool-simulate-release-constants-help = 以已发表的定律及其常数代替模型；给出杨氏模量时全部应力按该刚度缩放
tool-simulate-release-fibre_direction-help = 纤维走向，处处相同（LPS，长度任意），用于含纤维的定律和收缩
tool-simulate-release-fibre_lines-help = 纤维所沿的中心线，代替单一方向；动脉壁的纤维角度绕中心线计算
tool-simulate-release-contract_kpa-help = 沿纤维的主动张力：心肌峰值约 60 至 100
tool-simulate-release-hold_at-help = 代替一侧而固定的位置：韧带和血管进入处
tool-simulate-release-hold_radius_mm-help = 每个固定位置周围的范围
tool-simulate-release-hold_touching-help = 与器官接触并在接触处固定它的表面，代替一侧：相邻器官或骨
tool-simulate-release-touching_mm-help = 器官距该表面多近时被固定
tool-simulate-release-tilt_deg-help = 手术台头低倾角（Trendelenburg 位）；负值为头高
tool-simulate-release-gas_mmhg-help = 器官自由表面上的气体压力（气腹：8 至 15）
tool-simulate-release-bed_kpa_mm-help = 器官（处于某体位时）所靠的邻近组织支撑的硬度：压力与其退让距离之比；0 表示无

## simulate.rest_shape

tool-simulate-rest_shape = 去除自重…
tool-simulate-rest_shape-help = 求器官未因扫描时自重而变形的形状；用该形状进行模拟。
tool-simulate-rest_shape-mesh-help = 扫描时的四面体网格
tool-simulate-rest_shape-tissue-help = 组织种类，未给出时由名称判断；常数及来源见表
tool-simulate-rest_shape-young_kpa-help = 代替表中数值的刚度
tool-simulate-rest_shape-poisson-help = 代替表中数值的泊松比
tool-simulate-rest_shape-hold-help = 固定的一侧
tool-simulate-rest_shape-hold_part-help = 被固定部分占其范围的比例
tool-simulate-rest_shape-hold_at-help = 代替一侧而固定的位置：韧带和血管进入处
tool-simulate-rest_shape-hold_radius_mm-help = 每个固定位置周围的范围
tool-simulate-rest_shape-hold_touching-help = 与器官接触并在接触处固定它的表面，代替一侧：相邻器官或骨
tool-simulate-rest_shape-touching_mm-help = 器官距该表面多近时被固定
tool-simulate-rest_shape-position = 扫描体位
tool-simulate-rest_shape-position-help = 患者扫描时的体位
tool-simulate-rest_shape-tilt_deg-help = 手术台头低倾角（Trendelenburg 位）；负值为头高
tool-simulate-rest_shape-gas_mmhg-help = 器官自由表面上的气体压力（气腹：8 至 15）
tool-simulate-rest_shape-bed_kpa_mm-help = 器官（处于某体位时）所靠的邻近组织支撑的硬度：压力与其退让距离之比；0 表示无

## simulate.cut

tool-simulate-cut = 切开器官…
tool-simulate-cut-help = 沿圆形刀片切开四面体网格；两侧都保留，牵拉即可使切口张开。
tool-simulate-cut-mesh-help = 四面体网格
tool-simulate-cut-at = 刀片中心
tool-simulate-cut-at-help = 刀片中心；未给出时为器官的中心
tool-simulate-cut-plane-help = 刀片所在的切面
tool-simulate-cut-normal = 切口法向
tool-simulate-cut-normal-help = 垂直于切口的其他方向，代替切面的方向
tool-simulate-cut-radius_mm = 刀片半径
tool-simulate-cut-radius_mm-help = 刀片半径
tool-simulate-cut-loose-help = 不再被任何东西固定的部分是保留还是去除
tool-simulate-cut-tissue-help = 组织种类，未给出时由名称判断；常数及来源见表
tool-simulate-cut-hold-help = 固定的一侧
tool-simulate-cut-hold_part-help = 被固定部分占其范围的比例
tool-simulate-cut-hold_at-help = 代替一侧而固定的位置：韧带和血管进入处
tool-simulate-cut-hold_radius_mm-help = 每个固定位置周围的范围
tool-simulate-cut-hold_touching-help = 与器官接触并在接触处固定它的表面，代替一侧：相邻器官或骨
tool-simulate-cut-touching_mm-help = 器官距该表面多近时被固定

## simulate.needle

tool-simulate-needle = 穿刺针…
tool-simulate-needle-help = 把柔性针推入器官：手上的力、针的弯曲、靶点的移位，以及计划路径与实际路径的对比。
tool-simulate-needle-mesh-help = 四面体网格
tool-simulate-needle-entry-help = 进针点，位于器官表面
tool-simulate-needle-target-help = 针尖要到达的靶点，位于器官内
tool-simulate-needle-gauge-help = 针的规格：14、16 至 22 或 25
tool-simulate-needle-diameter_mm-help = 外径，代替规格对应的外径
tool-simulate-needle-stylet-help = 针腔是否被填满；给出外径时总按实心计
tool-simulate-needle-metal-help = 针的材料
tool-simulate-needle-length_mm-help = 手柄到针尖的长度
tool-simulate-needle-guide_mm-help = 导向器在进针点之前多远处使针保持直线；未给出时无导向器
tool-simulate-needle-puncture_n-help = 穿破表面所需的力；细针 0.1 至 1，粗针或钝针可达数牛
tool-simulate-needle-cutting_n-help = 切割时针尖的力；多为 0.1 至 1
tool-simulate-needle-friction_n_cm-help = 组织内每厘米针杆的摩擦力；多为 0.05 至 1
tool-simulate-needle-side_ratio-help = 斜面针尖的侧向力与切割力之比；对称针尖为 0
tool-simulate-needle-side = 斜面方向
tool-simulate-needle-side-help = 斜面把针尖推向的方向
tool-simulate-needle-step_mm-help = 针尖每步切进的距离
tool-simulate-needle-hit_mm-help = 针尖终点离靶点在此距离内即为命中
tool-simulate-needle-tissue-help = 组织种类，未给出时由名称判断；常数及来源见表
tool-simulate-needle-young_kpa-help = 代替表中数值的刚度
tool-simulate-needle-poisson-help = 代替表中数值的泊松比
tool-simulate-needle-hold-help = 固定的一侧
tool-simulate-needle-hold_part-help = 被固定部分占其范围的比例
tool-simulate-needle-hold_at-help = 代替一侧而固定的位置：韧带和血管进入处
tool-simulate-needle-hold_radius_mm-help = 每个固定位置周围的范围
tool-simulate-needle-hold_touching-help = 与器官接触并在接触处固定它的表面，代替一侧：相邻器官或骨
tool-simulate-needle-touching_mm-help = 器官距该表面多近时被固定

## simulate.operate

tool-simulate-operate = 按脚本手术…
tool-simulate-operate-help = 逐帧重做对活动器官的操作：抓持、牵拉、按压、切割、充气、呼吸。
tool-simulate-operate-mesh-help = 四面体网格
tool-simulate-operate-tissue-help = 组织种类，未给出时由名称判断；常数及来源见表
tool-simulate-operate-young_kpa-help = 代替表中数值的刚度
tool-simulate-operate-poisson-help = 代替表中数值的泊松比
tool-simulate-operate-hold-help = 固定的一侧
tool-simulate-operate-hold_part-help = 被固定部分占其范围的比例
tool-simulate-operate-hold_at-help = 代替一侧而固定的位置：韧带和血管进入处
tool-simulate-operate-hold_radius_mm-help = 每个固定位置周围的范围
tool-simulate-operate-hold_touching-help = 与器官接触并在接触处固定它的表面，代替一侧：相邻器官或骨
tool-simulate-operate-touching_mm-help = 器官距该表面多近时被固定
tool-simulate-operate-position-help = 患者体位，用于器官自重；未给出时不计自重，因为扫描显示的是已受重力的器官
tool-simulate-operate-tilt_deg-help = 手术台头低倾角（Trendelenburg 位）；负值为头高
tool-simulate-operate-gas_mmhg-help = 器官自由表面上的气体压力（气腹：8 至 15）
tool-simulate-operate-bed_kpa_mm-help = 器官（处于某体位时）所靠的邻近组织支撑的硬度：压力与其退让距离之比；0 表示无
tool-simulate-operate-acts-help = 在哪一帧做什么，例如 {"{"}"frame": 0, "do": "grasp", "at_mm": [0, 0, 0], "radius_mm": 12{"}"}
tool-simulate-operate-frames-help = 总帧数，每秒 60 帧；为 0 时按操作所需
tool-simulate-operate-settle_s-help = 此后器官静止下来可用的时间
tool-simulate-operate-damping_per_s-help = 邻近组织和液体消减器官摆动的快慢；静止位置与此无关
tool-simulate-operate-self_contact-help = 切口两侧和互不相连的部分是否相互挤压；每帧耗时约加倍

## simulate.follow

tool-simulate-follow = 跟随器官变形…
tool-simulate-follow-help = 使扫描、分割、表面、网格、中心线或计划随器官变形而移动：手术计划始终在其孪生体上。
tool-simulate-follow-result = 变形结果
tool-simulate-follow-result-help = 变形后的器官
tool-simulate-follow-node-help = 随之移动的对象
tool-simulate-follow-behind-help = 器官原来所在而现已离开之处图像显示什么

## simulate.flow

tool-simulate-flow = 流动…
tool-simulate-flow-help = 使空气或血液流过分割出的管腔，稳态、随心跳或随呼吸：压力、流速和壁面剪应力，自动寻找开口。
tool-simulate-flow-labels-help = 管腔的分割
tool-simulate-flow-segment-help = 哪个分割区；未给出时取唯一的一个
tool-simulate-flow-vessel-help = 哪种血管：其他未给出时采用其通常的流体、流量、压力和分流
tool-simulate-flow-fluid-help = 流体；未给出时取该血管的流体或血液
tool-simulate-flow-rheology-help = 血液是否剪切变稀：恒定粘度（大血管）、Carreau-Yasuda 模型或 Casson 模型
tool-simulate-flow-flow_ml_s-help = 入口体积流量；未给出时取该血管的通常值或 10
tool-simulate-flow-inlet_at-help = 离此点最近的开口为入口；未给出时取扫描边界面上最宽的开口，或宽出一半以上的内部末端
tool-simulate-flow-ends_max-help = 扫描内要打开的分支末端数；未给出时空气为 16，血液为零，若仅靠扫描边界面无法进出则为 4
tool-simulate-flow-end_radius_mm-help = 分支追踪到此半径为止，并在该处打开
tool-simulate-flow-opening_mm2_min-help = 扫描边界上更小的开口保持封闭
tool-simulate-flow-openings-help = 开口的设定，例如 {"{"}"at": [10, -5, 40], "as": "closed"{"}"}（inlet、outlet、closed；flow_ml_s、pressure_mmhg、name），或用 "cut": true（及 normal）自定切口
tool-simulate-flow-extension_diameters-help = 在扫描边界面截断管腔处接上的直管，长度以开口直径计：流动在其中充分发展；与同一面相交的封闭分支接上盲端
tool-simulate-flow-split-help = 多个出口之间的关系：压力相同，或按半径三次方或面积分配流量；未给出时取该血管的惯用方式，否则为压力相同
tool-simulate-flow-split-pressure = 压力相同
tool-simulate-flow-mach-help = 最大流速与格子声速之比：越小可压缩性越低、耗时越长；密度变化过大时自动降低
tool-simulate-flow-cells_across-help = 入口直径上的格子数
tool-simulate-flow-tolerance-help = 预计压力和流量的变化都不超过此比例时即为稳态
tool-simulate-flow-exchanges_max-help = 流入量置换流体达到此次数时停止；结果会说明是否未达稳态
tool-simulate-flow-steps_max-help = 最多到此步数停止；未给出时不限
tool-simulate-flow-end_after-help = 在此步结束稳态计算并取当时结果：由窗口在手动结束时写入，以便重现
tool-simulate-flow-minutes_max-help = 预计耗时超过此值时拒绝计算
tool-simulate-flow-device-help = 用什么计算：处理器的结果在任何机器上逐位相同；显卡则仅在短时测量表明更快时使用
tool-simulate-flow-start-help = 管腔大致相同的先前流场，从其继续：中途停止的、流量不同的或格子更粗的；仅用于稳态
tool-simulate-flow-waveform-help = 流入随时间的变化：不变；一个心动周期内在收缩期为半正弦（主动脉和颈动脉用已发表的周期和峰值），冠状动脉主要在舒张期从主动脉获得血流，或由波形点给出；除波形点外所给流量均为平均值。也可为往复的呼吸气流：由潮气量和呼吸频率或波形点给出
tool-simulate-flow-waveform-points = 波形点
tool-simulate-flow-waveform_points-help = 实测波形，例如 {"{"}"time_s": 0.1, "flow_ml_s": 12{"}"}，呼吸时呼出为负；最后一点以首点的流量闭合周期
tool-simulate-flow-heart_rate_per_min-help = 每分钟心跳次数；未给出时半正弦为 70，其余取波形本身的心率
tool-simulate-flow-peak_over_mean-help = 半正弦的峰值流量与平均值之比；未给出时取使舒张期无流动的值
tool-simulate-flow-systolic_share-help = 半正弦及冠状动脉床受挤压所占周期的比例
tool-simulate-flow-cycles_max-help = 最多到此心动周期数停止；结果会说明届时是否仍在变化
tool-simulate-flow-outlets-help = 脉动流出口之外的条件：固定压力（或比例）、各接一个弹性腔模型，或各接一个在波形前段受挤压的冠状动脉床
tool-simulate-flow-outlets-coronary = 冠状动脉床
tool-simulate-flow-mean_pressure_mmhg-help = 平均流量在弹性腔或冠状动脉床上产生的平均压力；未给出时取该血管的通常值或 93
tool-simulate-flow-compliance_ml_mmhg-help = 全部弹性腔或冠状动脉床的总顺应性；未给出时使压力以 1.13 s 的时间常数衰减，冠状动脉床则使阻力乘顺应性为 2.24 s
tool-simulate-flow-phases-help = 最后一个周期中成为单独结果的时相数，起初隐藏
tool-simulate-flow-ventricular_peak_mmhg-help = 挤压冠状动脉床的心室最高压力：左侧为 120；右冠状动脉取右心室压力，约 25
tool-simulate-flow-muscle_share-help = 冠状动脉床周围压力与心室压力之比（Kim 等 2010 取 1）；不受挤压的血管床为 0
tool-simulate-flow-tidal_volume_ml-help = 每次呼吸的容积；未给出时为平静呼吸的 500，或取波形点所含的值
tool-simulate-flow-breaths_per_min-help = 每分钟呼吸次数；未给出时为平静呼吸的 12，或取波形点所含的值
tool-simulate-flow-inspiration_share-help = 未给出波形点时，一次呼吸中吸气所占的比例
tool-simulate-flow-breath_flows-help = 组合一次呼吸所用的每个方向的稳态流动数：两个给出 Rohrer 定律，更多则说明其符合程度

## simulate.flow_along

tool-simulate-flow_along = 沿血管的流动…
tool-simulate-flow_along-help = 沿计算流场的中心线给出压力、压力比（FFR）、流量、流速和能量损失，并与相同血管的网络模型并列。
tool-simulate-flow_along-flow-help = 计算得到的流场
tool-simulate-flow_along-lines-help = 其血管的中心线
tool-simulate-flow_along-spacing_mm = 截面间距
tool-simulate-flow_along-spacing_mm-help = 沿中心线的截面间距；未给出时为半径的一半，至少一个格子
tool-simulate-flow_along-inlet_mmhg-help = 压力比所参照的入口平均压力：未给出时血液为 93，空气无
tool-simulate-flow_along-network-help = 是否同时计算相同血管和流量的网络模型，以查看其偏差

## simulate.flow_probe

tool-simulate-flow_probe = 探测流场…
tool-simulate-flow_probe-help = 计算流场在点上、沿线或过截面的流速、压力和流量；心搏流动还包括各存储时刻。
tool-simulate-flow_probe-flow-help = 计算得到的流场
tool-simulate-flow_probe-points-help = 位置：管腔内的各点
tool-simulate-flow_probe-what-help = 测量什么：各点处、沿其连线，或过各点的截面
tool-simulate-flow_probe-normal-help = 分解速度所沿的方向及截面法向；未给出时沿连线，或垂直于截面取平均流动方向
tool-simulate-flow_probe-samples-help = 沿线的取样数

## simulate.flow_vortices

tool-simulate-flow_vortices = 流场的涡…
tool-simulate-flow_vortices-help = 计算流场的涡量、Q、螺旋度和能量损失，以及围绕涡的表面，按旋转方向着色。
tool-simulate-flow_vortices-flow-help = 计算得到的流场
tool-simulate-flow_vortices-q_per_s2-help = Q 达到此值即为涡；未给出时按体积比例确定
tool-simulate-flow_vortices-share_percent-help = 未给出 Q 时，远离壁面和开口的体积中 Q 最高而算作涡的比例

## simulate.flow_compare

tool-simulate-flow_compare = 比较两个流场…
tool-simulate-flow_compare-help = 同一或修改后管腔中两个流场的差异：压降、各开口流量、共同壁面上的剪应力和压力、流速、能量损失。
tool-simulate-flow_compare-flow = 流场 A
tool-simulate-flow_compare-flow-help = 第一个流场 A：例如放置支架之前
tool-simulate-flow_compare-other = 流场 B
tool-simulate-flow_compare-other-help = 第二个流场 B：显示的是 B 减 A
tool-simulate-flow_compare-tolerance_mm-help = 两者的壁面相距小于此值时视为同一壁面；未给出时取两者格子尺寸中的较大者

## simulate.transport

tool-simulate-transport = 流中的对比剂和药物…
tool-simulate-transport-help = 流场所输运的物质：对比剂团注、药物或冷量，给出各开口的曲线、到达时间和滞留时间，以及被冲洗的快慢。
tool-simulate-transport-flow-help = 计算得到的流场
tool-simulate-transport-substance-help = 输运的物质：对比剂（mg 碘/ml）、药物（mg/ml）、热或冷（温差 K），或仅计算流体的滞留龄和冲洗
tool-simulate-transport-shape-help = 进入方式：注射期间速率恒定、途中已弥散的团注（伽马变量函数），或持续不断
tool-simulate-transport-injected_ml-help = 注射量
tool-simulate-transport-injected_ml_s-help = 注射速率
tool-simulate-transport-concentration-help = 注射物的浓度：未给出时为 350 mg 碘/ml、药物 1 mg/ml、10 K
tool-simulate-transport-mixed_into_ml_s-help = 与之混合的流量：未给出时为流经此管腔的流量，如经其中导管注射；经静脉注射时为心输出量，约 90 ml/s
tool-simulate-transport-to_peak_s-help = 从团注到达入口至峰值的时间；用于团注
tool-simulate-transport-power-help = 伽马变量函数的指数：团注上升的陡峭程度；用于团注
tool-simulate-transport-half_life_s-help = 衰减一半的时间；未给出时不衰减
tool-simulate-transport-diffusion_m2_s-help = 扩散系数；未给出时取该物质的常用值
tool-simulate-transport-hu_per_mg_ml-help = 每 ml 中每 mg 碘的衰减值；120 kVp 时为 25 至 30，电压越低越大
tool-simulate-transport-seconds-help = 跟踪的时长；未给出时到全部进入后再加四个平均通过时间为止
tool-simulate-transport-snapshots-help = 可用来给壁面着色的时刻数，等间隔
tool-simulate-transport-residence-help = 是否同时计算滞留时间
tool-simulate-transport-minutes_max-help = 预计耗时超过此值时拒绝计算

## simulate.network

tool-simulate-network = 整个血管树的流动…
tool-simulate-network-help = 由中心线在数毫秒内计算整个血管树的压力和流量，比较狭窄、置入支架、闭塞或搭桥前后。
tool-simulate-network-lines-help = 血管的中心线
tool-simulate-network-drive-help = 流入条件：压力恒定，因此修改会改变流量；或心脏搏动，无论怎样修改射出的流量都不变
tool-simulate-network-drive-pressure = 恒定压力
tool-simulate-network-mean_pressure_mmhg-help = 修改之前的平均压力（门静脉约 8）
tool-simulate-network-hyperaemia-help = 远端小血管是否完全扩张，如测量血流储备分数时：阻力乘以 0.24
tool-simulate-network-mean_flow_ml_s-help = 修改之前静息时的平均流量；未给出时按根部 0.2 m/s
tool-simulate-network-edits-help = 对血管所做的修改，例如 {"{"}"edit": "narrow", "at": [0, 0, 0], "length_mm": 10, "percent": 50{"}"}；另有 stent（diameter_mm）、close、connect（from、to、diameter_mm）、open（diameter_mm）：出血的伤口
tool-simulate-network-heart_rate_per_min-help = 每分钟心跳次数，用于心搏
tool-simulate-network-venous_mmhg-help = 小血管之后的压力
tool-simulate-network-viscosity_mpa_s-help = 血液粘度
tool-simulate-network-wall_kpa-help = 壁厚为半径十分之一的管壁的杨氏模量，用于心搏
tool-simulate-network-stenosis_percent-help = 直径狭窄达到多少时狭窄处有其自身的压力损失
tool-simulate-network-bends-help = 弯曲是否增加阻力
tool-simulate-network-junction_loss-help = 分叉处进入每个分支的损失，以该分支的动压计
tool-simulate-network-blood_ml-help = 患者的血量，用于计算伤口失血后的剩余（每千克约 70 ml）
tool-simulate-network-in_space-help = 是否另外对狭窄、扩张和置入支架的节段做三维计算，并与网络的数值并列：每段数秒至数分钟

## simulate.waves

tool-simulate-waves = 整个血管树的脉搏波…
tool-simulate-waves-help = 计算心跳在整个弹性血管树中产生的波：各处的收缩压和舒张压、流量及脉搏到达时间，比较狭窄、置入支架、闭塞或搭桥前后。
tool-simulate-waves-lines-help = 血管的中心线
tool-simulate-waves-mean_flow_ml_s-help = 进入血管树的平均流量；未给出时按根部 0.2 m/s
tool-simulate-waves-mean_pressure_mmhg-help = 修改之前根部的平均压力
tool-simulate-waves-heart_rate_per_min-help = 每分钟心跳次数
tool-simulate-waves-edits-help = 对血管所做的修改，例如 {"{"}"edit": "narrow", "at": [0, 0, 0], "length_mm": 10, "percent": 50{"}"}；另有 stent（diameter_mm）、close、connect（from、to、diameter_mm）
tool-simulate-waves-viscosity_mpa_s-help = 血液粘度
tool-simulate-waves-wall_kpa-help = 壁厚为半径十分之一的管壁的杨氏模量；脉搏波速随其平方根变化
tool-simulate-waves-cell_mm-help = 沿血管的最长单元；未给出时为最短血管的一半，但在 0.5 至 2 mm 之间
tool-simulate-waves-cycles_max-help = 最多到此心跳数停止；结果会说明届时是否尚未重复
tool-simulate-waves-minutes_max-help = 预计耗时超过此值时拒绝计算
