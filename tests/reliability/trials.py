"""Trials: a command is killed, perhaps several times, goes on, and ends as if it had not been."""

import random
import shutil
from dataclasses import asdict, dataclass, field

from reliability.processes import Kill, forked, jmere

AGAIN = 0.6
"""Share of the continued runs that are killed as well."""

WORKING = 0.8
"""Share of the kills by the clock that come after the first change of a file."""


@dataclass
class Tally:
    """What came out of one command."""

    name: str
    kills: int = 0
    partial: int = 0
    """Kills that left a part of the work on the disk."""
    at_changes: int = 0
    """Kills just before a change of a file; the others came after a random time."""
    runs: int = 0
    """Runs that were killed, went on, and were compared with the unbroken one."""
    unbroken: tuple[float, int] = (0.0, 0)
    """Seconds and changes of files of the run that is not killed."""
    faults: list[str] = field(default_factory=list)

    def to_json(self):
        return asdict(self)


class Trials:
    """The trials of one case in a folder."""

    def __init__(self, case, folder, seed):
        self.case, self.folder = case, folder
        self.draw = random.Random(f"{seed} {case.name}")
        self.inputs, self.trial = folder / "inputs", folder / "trial"
        self.tally = Tally(case.name)

    def run(self, kills):
        """Kill so many times; return the tally."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.inputs.mkdir(parents=True)
        self.make()
        self.begin()
        look = self.case.glance or self.case.result
        earlier = look(self.trial) if self.case.whole else {}
        self.expect()
        self.seen = (earlier, look(self.trial) if self.case.whole else {})
        self.tally.unbroken = (round(self.whole.seconds, 2), self.whole.changes)
        while self.tally.kills < max(1, kills // self.case.dear) and not self.tally.faults:
            self._trial()
        return self.tally

    def make(self):
        """Write the inputs."""
        made = forked(lambda: self.case.make(self.inputs), self.inputs)
        assert made.code == 0, made.told

    def expect(self):
        """Run the command without a kill, and keep what comes out."""
        self.whole = self.command()
        assert self.whole.code == 0, self.whole.told
        self.expected = self.case.result(self.trial)

    def begin(self):
        """Begin with an empty folder, or what the command before leaves."""
        shutil.rmtree(self.trial, ignore_errors=True)
        self.trial.mkdir(parents=True)
        if self.case.before is not None:
            done = forked(jmere(*self.case.before(self.inputs, self.trial)), self.trial)
            assert done.code == 0, done.told

    def command(self, *, kill=None):
        """Run the command."""
        command = self.case.command(self.inputs, self.trial)
        return forked(jmere(*command), self.trial, kill=kill)

    def _trial(self):
        self.begin()
        before, moment = self.tally.kills, self._moment()
        while (ended := self.command(kill=moment)).killed:
            self._killed(ended, moment)
            moment = self._moment() if self.draw.random() < AGAIN else None
        self.tally.runs += self.tally.kills > before
        self._finished(ended)

    def _moment(self):
        """A moment to kill at, by the clock or by the files."""
        if self.draw.random() < 0.5 and self.whole.changes:
            return Kill(change=self.draw.randint(1, self.whole.changes))
        begun = self.whole.first if self.draw.random() < WORKING else 0
        return Kill(seconds=self.draw.uniform(begun, self.whole.seconds))

    def _killed(self, ended, moment):
        self.tally.kills += 1
        self.tally.at_changes += moment.change > 0
        self.tally.partial += bool(self.case.partial(self.trial))
        if ended.orphans:
            self._fault("processes outlive the one that started them", ended)
        if wrong := self.case.wrong(self.trial):
            self._fault(wrong, ended)
        if self.case.whole:
            found = (self.case.glance or self.case.result)(self.trial)
            if found not in self.seen:
                self._fault(f"half a result: {found}", ended)

    def _finished(self, ended):
        if ended.code != 0:
            self._fault(f"exit code {ended.code}", ended)
            return
        found = self.case.result(self.trial)
        different = {
            name for name in {*found, *self.expected} if found.get(name) != self.expected.get(name)
        }
        if different:
            self._fault(f"other than the unbroken run: {sorted(different)}", ended)

    def _fault(self, what, ended):
        kept = self.folder / f"fault-{len(self.tally.faults)}"
        shutil.copytree(self.trial, kept, symlinks=True)
        self.tally.faults.append(f"{what}; kept in {kept}; it said: {ended.told[-500:]}")
