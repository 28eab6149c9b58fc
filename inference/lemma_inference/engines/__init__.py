"""What makes tokens, behind one protocol: llama.cpp, vLLM, and an honest fake."""
