"""The journal of a run that can be resumed: which inputs are finished, and where their output ends.

A line is added after the output it speaks of is safe on disk. After a kill the output is cut back to the last
whole line of the journal and scoring goes on with the input after it: no record is lost or doubled.
"""

import os
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from classifier.writing.sink import PART_SUFFIX, OutputError


@dataclass(slots=True)
class Checkpoint:
    """State of a run after some of its inputs."""

    inputs: int = 0
    bytes: int = 0
    stats: dict[str, Any] = field(default_factory=dict)


class Journal:
    """The journal beside an output.

    Parameters
    ----------
    output : Path
        Final name of the output.
    run : dict
        What makes the run what it is; another run's journal is refused.

    Raises
    ------
    OutputError
        The journal belongs to a run with other sources, options or model, or cannot be read.
    """

    def __init__(self, output: Path, run: dict[str, Any]) -> None:
        self.path = output.with_name(output.name + ".journal")
        self.run: dict[str, Any] = orjson.loads(orjson.dumps(run))
        self.reached = self._read(output.with_name(output.name + PART_SUFFIX))

    def _read(self, part: Path) -> Checkpoint:
        try:
            lines = self.path.read_bytes().split(b"\n")[:-1]  # what follows the last line end was cut off
        except FileNotFoundError:
            return Checkpoint()
        except OSError as error:
            raise OutputError(f"{self.path}: cannot be read ({error.strerror or error})") from None
        records = []
        with suppress(orjson.JSONDecodeError):
            records = [orjson.loads(line) for line in lines]
        if not records:
            return Checkpoint()
        if records[0] != self.run:
            raise OutputError(
                f"{self.path}: is the journal of a run with other sources, options or model; "
                "run with those again, or delete it to start anew"
            )
        reached = Checkpoint(**records[-1]) if len(records) > 1 else Checkpoint()
        with suppress(FileNotFoundError):
            if part.stat().st_size >= reached.bytes:
                return reached
        return Checkpoint()

    def begin(self) -> None:
        """Start the journal file, with only what was reached so far."""
        lines = [self.run, asdict(self.reached)] if self.reached.inputs else [self.run]
        temporary = self.path.with_name(self.path.name + ".new")
        temporary.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
        temporary.replace(self.path)

    def add(self, reached: Checkpoint) -> None:
        """Add a line, safely on disk when this returns."""
        with self.path.open("ab") as file:
            file.write(orjson.dumps(asdict(reached)) + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def remove(self) -> None:
        """End: the output is whole."""
        self.path.unlink(missing_ok=True)
