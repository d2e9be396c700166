"""A procedure as a page to print before the day, with boxes for a pen."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from tufkeep.cli.commands.ceremony.procedures import Procedure

PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ procedure.title }}</title>
<style>
body { font: 11pt/1.4 serif; max-width: 46em; margin: 2em auto; padding: 0 1em }
section { border-top: 1px solid; padding: .6em 0; break-inside: avoid }
h1 { margin-bottom: 0 } h2 { font-size: 1.1em; margin: 0 } ul { margin: .3em 0; padding-left: 1.2em }
p { margin: .3em 0 } .who { font-style: italic } .small { font-size: 8.5pt }
pre { font: 9pt/1.5 monospace; margin: .4em 0; padding: .3em .6em; border: 1px solid #999; white-space: pre-wrap;
  overflow-wrap: anywhere }
.box { display: inline-block; width: .9em; height: .9em; border: 1.5px solid; vertical-align: -.1em }
.pen { display: inline-block; border-bottom: 1px solid; width: 9em; margin-left: .5em }
.sign { margin-top: 3em; border-top: 1px solid; width: 24em; padding-top: .2em }
</style></head><body>
<h1>{{ procedure.title }}</h1>
<p>{{ procedure.purpose }}</p>
<p class="small">Printed {{ printed }} by {{ program }}.</p>
<h2>People</h2><ul>{% for each in procedure.people %}<li>{{ each }}</li>{% endfor %}</ul>
<h2>On the table</h2>
<ul>{% for each in procedure.things %}<li><span class="box"></span> {{ each }}</li>{% endfor %}</ul>
{% for step in procedure.steps %}<section>
<h2>{{ loop.index }}. {{ step.title }}</h2>
<p class="who">{{ step.who }}, {{ "on the machine without a network" if step.where == "offline"
 else "on a machine with a network" }}</p>
<p>{{ step.do|join(" ") }}</p>
{% if step.commands %}<pre>{% for command in step.commands %}{{ command }}
{% endfor %}</pre>
{% endif %}<p>You see: {{ step.expect }}</p>
<p><span class="box"></span> <b>{{ step.check }}</b></p>
<p class="small">Time <span class="pen"></span> Initials <span class="pen"></span> <span class="pen"></span></p>
</section>
{% endfor %}<p class="sign">Place, date, signature</p>
<p class="sign">Place, date, signature</p>
</body></html>
"""


def script_page(procedure: Procedure, *, program: str, now: datetime) -> str:
    """Return one HTML page that needs nothing beside it.

    Args:
        program: name and version of what prints it.
    """
    from jinja2 import Environment

    page = Environment(autoescape=True).from_string(PAGE)
    return page.render(procedure=procedure, program=program, printed=f"{now:%Y-%m-%d %H:%M} UTC")
