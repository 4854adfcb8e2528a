import sys, time
import numpy, lbmpy, pystencils
from lbmpy import LBMConfig, LBMOptimisation, LBStencil, Method, Stencil, create_lb_update_rule

threads, edge = int(sys.argv[1]), int(sys.argv[2])
shape = f"float32[{edge + 2},{edge + 2},{edge + 2}]"
source, target = pystencils.fields(f"source(19), target(19): {shape}", layout="fzyx")
method = LBMConfig(
    stencil=LBStencil(Stencil.D3Q19), method=Method.TRT, relaxation_rate=1.6, compressible=False, zero_centered=True
)
fields = LBMOptimisation(symbolic_field=source, symbolic_temporary_field=target)
rule = create_lb_update_rule(lbm_config=method, lbm_optimisation=fields)
wide = "avx512f" in open("/proc/cpuinfo").read()
kind = pystencils.Target.X86_AVX512 if wide else pystencils.Target.X86_AVX
config = pystencils.CreateKernelConfig(default_dtype="float32", target=kind)
config.cpu.openmp.enable = True
config.cpu.openmp.num_threads = threads
config.cpu.vectorize.enable = True
config.cpu.vectorize.assume_inner_stride_one = True
kernel = pystencils.create_kernel(rule, config).compile()
a, b = (numpy.zeros((19, edge + 2, edge + 2, edge + 2), numpy.float32).transpose(3, 2, 1, 0) for _ in range(2))
kernel(source=a, target=b)
best, steps = 0.0, 20
for _ in range(3):
    start = time.perf_counter()
    for _ in range(steps):
        kernel(source=a, target=b)
        a, b = b, a
    best = max(best, edge**3 * steps / (time.perf_counter() - start) / 1e6)
print("prosector-peer", best, edge**3, lbmpy.__version__)
