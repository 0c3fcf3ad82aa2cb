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

.PHONY: bundled bundled-data
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
	OMP_NUM_THREADS=$(THREADS) $(BIN)/python -m jmere.training.adapt configs/adapt/posts.yaml

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
