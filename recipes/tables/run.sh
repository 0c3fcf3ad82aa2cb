#!/bin/sh
# Tables 1 and 2 and Figure 9 of the paper on JMERE V1, with scene graphs of captions and without.
#   recipes/tables/run.sh MNRE_FOLDER CAPTIONS_FOLDER [OPTION ...]
# MNRE_FOLDER and CAPTIONS_FOLDER are those of recipes/picture/run.sh; `make bundled-data` makes the other
# files of data/. Options are those of `jmere bench`, such as --processes 8. Run it from the root of a
# checkout, and again after any interruption: finished runs are kept. The most telling come first.
set -eu
jmere=${JMERE:-.venv/bin/jmere}

for part in train val; do
  posts=data/jmere-v1-$part-llava.jsonl
  [ -e "$posts" ] || "$jmere" data convert mnre "$1/mnre_$part.txt" "$posts" --merge v1 \
    --captions "$2/mnre_v2_$part.jsonl:llava_next"
done
[ -e runs/posts-encoder ] || "$jmere" build encoder recipes/tables/encoder.yaml --resume
shift 2

# A later --set wins, so those of the command line come after these.
bench() {
  table=$1
  shift
  "$jmere" bench "$table" --train data/jmere-v1-train-llava.jsonl --dev data/jmere-v1-val-llava.jsonl \
    --set encoder=runs/posts-encoder --set training.epochs=6 --set training.mixed_precision=bf16 \
    "$@"
}

main="--row eega --row text --row mega --row maf --row umgf --row eega_far"
for seed in 19 20 21; do
  # shellcheck disable=SC2086
  bench table1 --seed $seed $main "$@"
  bench table2 --seed $seed "$@"
  bench table1 --seed $seed --row eega --row mega --row maf --row umgf --output runs/bench-off \
    --set visual.shown=none "$@"
  bench table1 --seed $seed --row eega --output runs/bench-contrast \
    --set model.graph_contrast=0.05 "$@"
  bench table1 --seed $seed --row eega --output runs/bench-from-zero \
    --set model.cross_from_zero=true "$@"
done
bench table1 --seed 19 "$@"
bench figure9 --seed 19 "$@"
bench table1 --finished
