#!/bin/sh
# What the picture adds: all arms and seeds of configs/compare/picture.yaml, the most telling first.
#   recipes/picture/run.sh MNRE_FOLDER CAPTIONS_FOLDER [--set key=value ...]
# MNRE_FOLDER holds mnre_train.txt and mnre_val.txt of MNRE v2, CAPTIONS_FOLDER the captions of its
# pictures, mnre_v2_train.jsonl and mnre_v2_val.jsonl. Run it from the root of a checkout, and again
# after any interruption: finished runs are kept, a run that was cut short goes on. After each stage
# runs/picture/slices.txt has the figures of all finished runs.
set -eu
jmere=${JMERE:-.venv/bin/jmere} python=${PYTHON:-.venv/bin/python}

for part in train val; do
  posts=data/jmere-v1-$part-described.jsonl captions=$2/mnre_v2_$part.jsonl
  [ -e "$posts" ] || "$jmere" data convert mnre "$1/mnre_$part.txt" "$posts" --merge v1 \
    --captions "$captions:llava_next" --captions "$captions:blip2" \
    --captions "$captions:instructblip" --captions "$captions:minicpm_v" \
    --captions "$captions:cogvlm"
done

shift 2
settings="$*"  # of all runs

run() {  # SEED ROW...
  seed=$1; shift
  # shellcheck disable=SC2086
  "$jmere" bench compare configs/compare/picture.yaml --processes 1 --seed "$seed" $settings \
    $(printf -- '--row %s ' "$@") > /dev/null
  model=runs/picture/own/seed-$seed/model hidden=runs/picture/own-hidden/seed-$seed
  if [ -e "runs/picture/own/seed-$seed/result.json" ] && [ ! -e "$hidden/predictions.jsonl" ]; then
    mkdir -p "$hidden"
    "$jmere" evaluate "$model" data/jmere-v1-val-described.jsonl --visual none \
      --reading undirected --predictions "$hidden/predictions.jsonl" > /dev/null
  fi
  "$python" recipes/picture/slices.py runs/picture --train data/jmere-v1-train-described.jsonl \
    --dev data/jmere-v1-val-described.jsonl > runs/picture/slices.new
  mv runs/picture/slices.new runs/picture/slices.txt
}

run 1 none own other
run 2 none own other
run 1 own-graph own-context other-graph other-context
run 3 none own other
run 2 own-graph own-context other-graph other-context
run 4 none own other
run 5 none own other
