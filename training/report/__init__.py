"""An evaluation's plain data as a web page, Markdown, JSON, figures and a terminal summary."""

from training.report.folder import write_report
from training.report.terminal import render_terminal

__all__ = ["render_terminal", "write_report"]
