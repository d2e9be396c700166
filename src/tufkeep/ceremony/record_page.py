"""The record as one page to print, then to sign with a pen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tufkeep.metadata.fingerprint import Fingerprint
from tufkeep.workspace.record import RecordLine

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Record of {{ title }}</title>
<style>
body { font: 11pt/1.4 serif; max-width: 46em; margin: 2em auto; padding: 0 1em }
section { border-top: 1px solid; padding: .6em 0; break-inside: avoid }
h2 { font-size: 1em; margin: 0 } ul { margin: .3em 0; padding-left: 1.2em }
.warning { font-weight: bold } code, .words { font: 8.5pt/1.4 monospace; overflow-wrap: anywhere }
.pen { margin-top: 3em; border-top: 1px solid; width: 24em; padding-top: .2em }
</style></head><body>
<h1>Record of {{ title }}</h1>
<p>{{ lines|length }} entries, printed {{ printed }}. Each one carries the sha256 of the one before it.</p>
{% for line in lines %}{% set entry = line.entry %}<section>
<h2>{{ line.number }}. {{ entry.when }} &middot; {{ entry.act }}{% if entry.name %} by {{ entry.name }}{% endif %}</h2>
<p>On {{ entry.host or "an unknown machine" }}, with {{ entry.program or "an unknown program" }}
{%- if entry.command %}, command {{ entry.command }}{% endif %}.
{%- if entry.program_sha256 %}<br><code>program {{ entry.program_sha256 }}</code>{% endif %}</p>
<ul>{% for text in entry.warnings %}<li class="warning">Warning: {{ text }}</li>{% endfor %}
{%- for text in entry.sentences %}<li>{{ text }}</li>{% endfor %}
{%- for text in entry.remarks %}<li class="warning">{{ text }}</li>{% endfor %}</ul>
{% for text in entry.places %}<p><code>{{ text }}</code></p>
{% endfor -%}
{% if entry.facts_left_out %}<p>And {{ entry.facts_left_out }} more facts, in the metadata alone.</p>{% endif %}
{% for role, seen in entry.after.items() %}<p><code>{{ role }} v{{ seen.version }} {{ seen.sha256 }}</code>
{%- if role in entry.before %}<br><code>was v{{ entry.before[role].version }} {{ entry.before[role].sha256 }}</code>
{%- endif %}<br>{{ entry.signers(role) }}{% for keyid in entry.signed_by.get(role, ()) %}<br><code>{{ keyid }}</code>
{%- endfor %}</p>
{% endfor %}
{%- for remark in entry.approval_remarks %}<p>{{ remark }}.</p>
{% endfor %}<p><code>this line {{ line.sha256 }}</code></p>
</section>
{% else %}<p>Nothing was recorded.</p>
{% endfor %}
{% if words %}<h2>The last line in words</h2>
<p class="words">{% for spoken in words %}{{ spoken }}<br>{% endfor %}</p>{% endif %}
<p class="pen">Place, date, signature</p>
<p class="pen">Place, date, signature</p>
</body></html>
"""


def record_page(lines: Sequence[RecordLine], *, title: str, now: datetime) -> str:
    """Return one HTML page that needs nothing beside it; all that comes from the record is escaped."""
    from jinja2 import Environment

    last = lines[-1].sha256 if lines else ""
    page = Environment(autoescape=True).from_string(PAGE)
    return page.render(
        lines=lines,
        title=title,
        printed=f"{now:%Y-%m-%d %H:%M} UTC",
        words=Fingerprint(digest=bytes.fromhex(last)).lines() if last else (),
    )
