"""A cluster of a head and two nodes on this machine: prints its address, ends a node per line.

    python two_nodes.py

Each line on the standard input kills the oldest node that computes and adds a new one; the end of
the input ends the cluster.
"""

import sys

from ray.cluster_utils import Cluster

ROOM = {"object_store_memory": 100 << 20}


def main():
    cluster = Cluster()
    cluster.add_node(num_cpus=0, include_dashboard=False, **ROOM)
    nodes = [cluster.add_node(num_cpus=1, **ROOM) for _ in range(2)]
    sys.stdout.write(f"{cluster.address}\n")
    sys.stdout.flush()
    for _ in sys.stdin:
        cluster.remove_node(nodes.pop(0), allow_graceful=False)
        nodes.append(cluster.add_node(num_cpus=1, **ROOM))
    cluster.shutdown()


if __name__ == "__main__":
    main()
