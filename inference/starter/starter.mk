# The starter model: data, training, evaluation, export. Its Python is .venv-train, made here on any machine.
TRAIN_PYTHON := .venv-train/bin/python
TRAIN := PYTHONPATH=backend:inference $(TRAIN_PYTHON)
# Wall-clock minutes of training; lessons and learning rate follow the share that is used up.
MINUTES ?= 60
# How many documents are invented, as the hours in which two cores could read them. A GPU wants 40 or so.
HOURS ?= $(shell awk 'BEGIN { print $(MINUTES) / 60 }')
# small (5.9 million parameters) without a GPU, base (34 million) with one, unless given.
SIZE ?=
# A folder of labelled sets, or of answers that people have confirmed, to be mixed in: EXTRA=../shared/data
EXTRA ?=
# Another index for torch, such as https://download.pytorch.org/whl/cpu where there is no GPU: smaller by far.
TORCH_INDEX ?=

.venv-train/ready: inference/starter/requirements.txt
	python3 -m venv .venv-train
	$(TRAIN_PYTHON) -m pip install --quiet --requirement inference/starter/requirements.txt $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))
	touch $@

# Labelled files are read by the product's own ingest.
.venv-train/reads-files: .venv-train/ready
	$(TRAIN_PYTHON) -m pip install --quiet --editable backend
	touch $@

.PHONY: starter-data starter-train starter-tune starter-eval starter-export starter-test

starter-data: .venv-train/ready $(if $(EXTRA),.venv-train/reads-files)  ## Invent the training documents of the starter model
	$(TRAIN) -m starter.data --hours $(HOURS) $(if $(EXTRA),--extra $(EXTRA))

starter-train: starter-data  ## Train the starter model (MINUTES=60 EXTRA=folder); goes on where it stopped
	$(TRAIN) -m starter.train --minutes $(MINUTES) $(if $(SIZE),--size $(SIZE))

starter-tune: starter-data  ## Train the committed model further, on your own labelled documents (EXTRA=folder)
	$(TRAIN) -m starter.train --minutes $(MINUTES) --tune --folder inference/starter/build/tune

starter-eval: .venv-train/ready  ## Score the starter model on layouts that it was not trained on
	$(TRAIN) -m starter.evaluate

starter-export: .venv-train/ready  ## Write the weights for vLLM, transformers and llama.cpp
	$(TRAIN) -m starter.export $(if $(CHECKPOINT),--checkpoint $(CHECKPOINT))

starter-test: .venv-train/ready  ## Check that a tiny training run learns
	$(TRAIN) -m pytest -q -p no:cacheprovider -c inference/starter/pytest.ini --rootdir . inference/starter/checks

.PHONY: starter-second
# Labelled sets are files, read by the product's own ingest: the first command runs where the backend is installed.
starter-second: .venv-train/ready  ## Fit the second reading of paper and contracts (EXTRA=folder of labelled sets)
	for task in invoices contracts; do \
	  PYTHONPATH=backend:inference uv run --no-sync python -m starter.second.pages --task $$task $(if $(EXTRA),--extra $(EXTRA)) && \
	  $(TRAIN) -m starter.second.fit --task $$task || exit 1; \
	done
