# Every target stands in book/_tools/targets.py, so that Windows has them too; `make help` lists
# them. ARGS passes something on: make execute ARGS=chapters/convolution/12-convolution-by-hand.ipynb
PYTHON ?= python3
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup book serve pdf lab execute test lint types unit notebooks site format lock clean

help setup book serve pdf lab execute test lint types unit notebooks site format lock clean:
	@"$(PYTHON)" book/_tools/make.py $@ $(ARGS)
