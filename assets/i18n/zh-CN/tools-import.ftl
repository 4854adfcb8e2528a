### Tools that bring data in: label, help, and what their parameters mean. Names that several tools share are in parameters.ftl.

## import.dicom

tool-import-dicom = 导入 DICOM…
tool-import-dicom-help = 从 DICOM 文件夹或文件导入一个图像序列，每个时间点成为一个扫描；不保留任何可识别患者身份的信息。
tool-import-dicom-path = 文件夹或文件
tool-import-dicom-path-help = 文件夹或文件
tool-import-dicom-series-help = 某一序列的键值，如 `prosector info` 所列；未给出时取最大的序列
tool-import-dicom-all_times-help = 序列含多个时间点时，导入全部时间点，而不只是这一个

## import.image

tool-import-image = 导入 NRRD 或 NIfTI…
tool-import-image-help = 从 NRRD 或 NIfTI 文件导入扫描；每个时间点成为一个扫描。
tool-import-image-path-help = 文件
tool-import-image-modality-help = 成像设备类型；未给出时由数值推测

## import.segmentation

tool-import-segmentation = 导入分割…
tool-import-segmentation-help = 从 DICOM 分割、.seg.nrrd 或 NIfTI 标签文件导入分割区。
tool-import-segmentation-path-help = 文件

## import.implants

tool-import-implants = 导入植入物…
tool-import-implants-help = 导入文件夹中的所有植入物，例如一种接骨板的各尺寸 STL 文件，在放到骨上之前隐藏；plan.implant 说明哪个最贴合。坐标按 LPS 毫米解释。
tool-import-implants-folder-help = 含 STL、PLY 或 OBJ 文件的文件夹，每个文件一个植入物

## import.mesh

tool-import-mesh = 导入网格…
tool-import-mesh-help = 从 STL、PLY、OBJ 或 VTK 文件导入表面，或从 Gmsh 文件（文本格式 .msh，版本 1、2 或 4.1）导入四面体；坐标按 LPS 毫米解释。
tool-import-mesh-path-help = 文件

## scan.phantom

tool-scan-phantom = 生成体模…
tool-scan-phantom-help = 用公式生成人体 CT，并附精确的分割区、体积、半径和中心线。
tool-scan-phantom-kind-help = 完整腹部、带支气管的胸部、狭窄的直血管或弯曲血管、分叉，或精确的圆柱
tool-scan-phantom-seed = 随机种子
tool-scan-phantom-seed-help = 噪声与血管树的随机种子
tool-scan-phantom-spacing_mm = 体素间距
tool-scan-phantom-spacing_mm-help = 体素间距；未给出时与常见扫描相同
tool-scan-phantom-noise_hu-help = 噪声的标准差；未给出时腹部 11，胸部 20，其余 8
tool-scan-phantom-blur_mm-help = 点扩散函数的标准差；未给出时腹部 0.7，胸部 0.6，其余 0.4
tool-scan-phantom-stenosis_percent-help = 血管直径减少的比例；未给出时为 50
tool-scan-phantom-tumour_radius_mm-help = 肝肿瘤半径，0 表示无肿瘤；未给出时为 15
tool-scan-phantom-radius_mm = 血管半径
tool-scan-phantom-radius_mm-help = 血管半径；未给出时主动脉 8.5，其余 4
tool-scan-phantom-truth-help = 同时加入精确的分割区
tool-scan-phantom-folder-help = 同时把 DICOM、labels.seg.nrrd 和 truth.json 写入此文件夹
