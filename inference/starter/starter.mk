# The starter model: data, training, evaluation, export. Its Python is .venv-train, made here on any machine.
TRAIN_PYTHON := .venv-train/bin/python
TRAIN := PYTHONPATH=backend:inference $(TRAIN_PYTHON)
# Wall-clock minutes of training; lessons and learning rate follow the share that is used up.
MINUTES ?= 60
# Another index for torch, such as https://download.pytorch.org/whl/cpu where there is no GPU: smaller by far.
TORCH_INDEX ?=

.venv-train/ready: inference/starter/requirements.txt
	python3 -m venv .venv-train
	$(TRAIN_PYTHON) -m pip install --quiet --requirement inference/starter/requirements.txt $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))
	touch $@

.PHONY: starter-data starter-train starter-eval starter-export starter-test

starter-data: .venv-train/ready  ## Invent the training documents of the starter model
	$(TRAIN) -m starter.data --all

starter-train: .venv-train/ready  ## Train the starter model (MINUTES=60); goes on where it stopped
	$(TRAIN) -m starter.data --all
	$(TRAIN) -m starter.train --minutes $(MINUTES)

starter-eval: .venv-train/ready  ## Score the starter model on layouts that it was not trained on
	$(TRAIN) -m starter.evaluate

starter-export: .venv-train/ready  ## Write the weights for vLLM, transformers and llama.cpp
	$(TRAIN) -m starter.export

starter-test: .venv-train/ready  ## Check that a tiny training run learns
	$(TRAIN) -m pytest -q -p no:cacheprovider -c inference/starter/pytest.ini --rootdir . inference/starter/checks
