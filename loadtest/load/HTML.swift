/// Text on its way into a page.
enum HTML {
    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }

    /// Colours for lines, tested for both backgrounds.
    static let style = """
        :root { --paper: #fbfbf9; --ink: #1c2024; --soft: #60666d; --rule: #dfe1e2; --card: #fff; }
        @media (prefers-color-scheme: dark) { :root { --paper: #14171a; --ink: #e8eaed; --soft: #9aa1a9; --rule: #2c3238; --card: #1b1f24; } }
        .c0 { --c: #2563c9; } .c1 { --c: #d1541f; } .c2 { --c: #2f8f5b; } .c3 { --c: #8a4fc4; } .c4 { --c: #b8860b; } .c5 { --c: #c23b6b; } .c6 { --c: #2b93a8; } .c7 { --c: #7a7f86; }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: clamp(1.25rem, 4vw, 2.5rem) clamp(.75rem, 3vw, 1.25rem) 4rem; max-width: 1240px; overflow-wrap: break-word; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
        h1 { font-size: 1.9rem; margin: 0 0 .25rem; letter-spacing: -.01em; } h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; } h3 { font-size: .95rem; margin: 0 0 .5rem; } h3 small { font-weight: 400; color: var(--soft); }
        p { max-width: 68ch; margin: .25rem 0; } .soft { color: var(--soft); }
        .figures { margin-top: 1.5rem; display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 1rem; }
        figure { margin: 0; padding: 1rem; background: var(--card); border: 1px solid var(--rule); border-radius: 8px; }
        svg { width: 100%; height: auto; display: block; } .grid { stroke: var(--rule); } .tick, .axis { font-size: 12.5px; fill: var(--soft); } .bar { fill: var(--c); } .figure { font-size: 12px; fill: var(--ink); }
        .line { fill: none; stroke: var(--c); stroke-width: 2; } .dot { fill: var(--c); }
        figcaption { font-size: .85rem; color: var(--soft); display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin-top: .5rem; }
        .key i { display: inline-block; width: .8rem; height: .2rem; background: var(--c); margin-right: .4rem; vertical-align: middle; border-radius: 1px; }
        .scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .9rem; }
        th, td { text-align: right; padding: .4rem .6rem; border-bottom: 1px solid var(--rule); white-space: nowrap; } th { color: var(--soft); font-weight: 500; }
        th:first-child, td:first-child { text-align: left; } .bad { color: #c0392b; font-weight: 600; }
        pre { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: .75rem 1rem; overflow-x: auto; font-size: .85rem; }
        """
}
