### Tools that write files and change objects: label, help, and what their parameters mean. Names that several tools share are in parameters.ftl.

## export.mesh

tool-export-mesh = 导出网格…
tool-export-mesh-help = 把表面或结果写为 STL、PLY、OBJ、GLB、3MF 或 VTP，或把四面体写为 VTU、Gmsh (msh)、Abaqus (inp) 或 FEBio (feb)，单位为 LPS 毫米；只有 GLB 按 glTF 的规定以米为单位、Y 轴向上。
tool-export-mesh-node-help = 对象；未给出时为所有可见表面（仅 GLB 和 3MF）
tool-export-mesh-path-help = 文件
tool-export-mesh-format-help = 格式；未给出时由文件扩展名决定

## export.network

tool-export-network = 导出网络…
tool-export-network-help = 把整个血管树流动背后的网络写为 JSON，可由 svZeroDSolver (SimVascular) 和 `prosector network` 运行，采用国际单位制。
tool-export-network-node-help = 整个血管树的流动
tool-export-network-path-help = 文件，扩展名为 .json

## export.centre_lines

tool-export-centre_lines = 导出中心线…
tool-export-centre_lines-help = 把中心线写为 VTP（VMTK、ParaView 和 3D Slicer 通用）或 CSV 点表，单位为 LPS 毫米；管状表面由“导出网格”写出。
tool-export-centre_lines-node-help = 中心线
tool-export-centre_lines-path-help = 文件
tool-export-centre_lines-format-help = 格式；未给出时由文件扩展名决定

## report.write

tool-report-write = 报告…
tool-report-write-help = 写出含图像、体积、计划、结果、方法和局限的报告：带可旋转场景的 HTML 页面、PDF，或两者，并在旁边写出内容相同的 JSON。
tool-report-write-path-help = 文件；其他文件同名，各有扩展名
tool-report-write-format-help = 格式；未给出时由文件扩展名决定
tool-report-write-format-html = HTML 网页
tool-report-write-format-pdf = PDF 文档
tool-report-write-format-both = 两者
tool-report-write-language = 语言
tool-report-write-language-help = 标题和固定文字的语言
tool-report-write-language-en = 英文
tool-report-write-language-zh-CN = 简体中文
tool-report-write-title-help = 标题；不要写患者姓名
tool-report-write-pictures-help = 同时把每幅图像以 PNG 写在旁边
tool-report-write-scene = 场景
tool-report-write-scene-help = 把场景放入 HTML 页面，可在其中旋转

## export.report_dicom

tool-export-report_dicom = 报告导出为 DICOM…
tool-export-report_dicom-help = 把报告写为封装 PDF，把图像写为二次采集图像，供归档系统使用。患者和检查信息读自扫描的文件，因为病例不含这些信息。
tool-export-report_dicom-path-help = 存放新文件的文件夹
tool-export-report_dicom-series-help = 本病例的扫描所导入自的文件夹或文件
tool-export-report_dicom-language = 语言
tool-export-report_dicom-language-help = 标题和固定文字的语言
tool-export-report_dicom-language-en = 英文
tool-export-report_dicom-language-zh-CN = 简体中文
tool-export-report_dicom-title-help = 文档的标题；不要包含患者姓名
tool-export-report_dicom-pictures-help = 同时把每幅图像写为二次采集图像

## object.display

tool-object-display = 显示方式…
tool-object-display-help = 改变对象的颜色、不透明度、可见性或着色场。
tool-object-display-node-help = 对象
tool-object-display-visible-help = 是否显示
tool-object-display-colour-help = 颜色，写作 #rrggbb
tool-object-display-opacity-help = 0 不可见，1 不透明
tool-object-display-field-help = 为其着色的场；空白表示用自身颜色

## object.rename

tool-object-rename = 重命名…
tool-object-rename-help = 给对象另一个名称。
tool-object-rename-node-help = 对象
tool-object-rename-name-help = 新名称，1 至 80 个字符

## object.remove

tool-object-remove = 删除
tool-object-remove-help = 从病例中删除对象；撤销可恢复。
tool-object-remove-node-help = 对象
