"""Bars as SVG, and a page around them that needs nothing but itself."""

import html

STYLE = """
:root { --paper: #fbfbf9; --ink: #1c2024; --soft: #60666d; --rule: #dfe1e2; --card: #fff; --own: #2563c9; --check: #8a9bb8; --plain: #c3c8ce; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171a; --ink: #e8eaed; --soft: #9aa1a9; --rule: #2c3238; --card: #1b1f24; --own: #5b91ea; --check: #5f7191; --plain: #454c54; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: clamp(1.25rem, 4vw, 2.5rem) clamp(.75rem, 3vw, 1.25rem) 4rem; max-width: 1240px; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.9rem; margin: 0 0 .25rem; letter-spacing: -.01em; } h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; } h3 { font-size: .95rem; margin: 0 0 .5rem; }
h3 small { font-weight: 400; color: var(--soft); } p { max-width: 72ch; margin: .25rem 0; } .soft { color: var(--soft); }
.figures { margin-top: 1rem; display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 1rem; }
figure { margin: 0; padding: 1rem; background: var(--card); border: 1px solid var(--rule); border-radius: 8px; } svg { width: 100%; height: auto; display: block; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .9rem; }
th, td { text-align: right; padding: .35rem .6rem; border-bottom: 1px solid var(--rule); white-space: nowrap; } th { color: var(--soft); font-weight: 500; }
th:first-child, td:first-child { text-align: left; } .met { color: #2f8f5b; font-weight: 600; } .missed { color: #c0392b; font-weight: 600; }
pre { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: .75rem 1rem; overflow-x: auto; font-size: .85rem; }
i { display: inline-block; width: .8rem; height: .8rem; border-radius: 2px; margin-right: .4rem; vertical-align: -.1rem; }
text { font: 13px system-ui, sans-serif; fill: var(--ink); } .name { fill: var(--ink); } .value { fill: var(--soft); }
.own { fill: var(--own); background: var(--own); } .check { fill: var(--check); background: var(--check); } .plain { fill: var(--plain); background: var(--plain); } .spread { stroke: var(--ink); stroke-width: 1; opacity: .55; }
"""


def bars(title, rows, standalone=False):
    """Horizontal bars. `rows`: name, value, lowest, highest and class (own, check or plain) of each."""
    width, left, room, height = 480, 118, 56, 22
    most = max((row[3] for row in rows), default=0) or 1
    scale = (width - left - room) / most
    out = []
    for number, (name, value, low, high, kind) in enumerate(rows):
        y = number * height
        out.append(f'<text class="name" x="{left - 8}" y="{y + 15}" text-anchor="end">{html.escape(name)}</text>'
                   f'<rect class="{kind}" x="{left}" y="{y + 3}" width="{max(1, value * scale):.1f}" height="{height - 7}" rx="2"><title>'
                   f'{html.escape(name)}: {value:,.1f} ({low:,.1f} to {high:,.1f})</title></rect>')
        if high > low:
            out.append(f'<line class="spread" x1="{left + low * scale:.1f}" x2="{left + high * scale:.1f}" y1="{y + 10.5}" y2="{y + 10.5}"/>')
        out.append(f'<text class="value" x="{left + max(value, high) * scale + 6:.1f}" y="{y + 15}">'
                   + (f"{value:,.1f}" if value < 1000 else f"{value:,.0f}" if value < 100_000 else f"{value / 1000:,.0f} k") + "</text>")
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {len(rows) * height + 2}" role="img" aria-label="{html.escape(title)}">'
    if standalone:
        head = head.replace("<svg ", f'<svg width="{width * 1.4:.0f}" ', 1) + f"<style>{STYLE}</style>"
    return head + "".join(out) + "</svg>"


def page(title, parts):
    """A whole page from its parts."""
    return (f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{html.escape(title)}</title><style>{STYLE}</style></head><body>\n" + "\n".join(parts) + "\n</body></html>\n")
