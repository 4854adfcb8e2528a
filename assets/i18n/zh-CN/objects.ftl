### Kinds of objects, as headings and where one is needed.

kind-scan = 扫描
kind-segmentation = 分割
kind-surface = 表面
kind-tetrahedral-mesh = 四面体网格
kind-centre-lines = 中心线
kind-tissue-result = 组织结果
kind-flow-result = 流动结果
kind-plan = 计划
kind-measure = 测量
kind-saved-view = 已存视图

needed-a-scan = 扫描
needed-a-segmentation = 分割
needed-a-surface = 表面
needed-a-tetrahedral-mesh = 四面体网格
needed-a-set-of-centre-lines = 中心线
needed-a-tissue-result = 组织结果
needed-a-flow-result = 流动结果
needed-a-plan = 计划
needed-a-measure = 测量
needed-a-saved-view = 已存视图
needed-an-object = 对象
