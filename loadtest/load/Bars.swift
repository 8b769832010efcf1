import Foundation

/// Horizontal bars as SVG: a group for each step, in it a bar for each run.
struct Bars {
    var title: String
    /// Unit of the values, behind the title.
    var unit: String
    var runs: [String]
    /// Name of the group and a value for each run, `nil` where a run has none.
    var groups: [(name: String, values: [Double?])]
    var isTime = false

    private static let width = 480.0, bar = 15.0, gap = 10.0, heading = 18.0

    func svg() -> String {
        let values = groups.flatMap { $0.values.compactMap { $0 } }.filter(\.isFinite)
        guard let most = values.max(), most > 0 else { return "" }
        // Room for the figure behind the longest bar.
        let room = Self.width - 84
        var out = "", y = 4.0
        for group in groups where group.values.contains(where: { $0 != nil }) {
            out += #"<text class="tick" x="0" y="\#(Plot.text(y + 12))">\#(HTML.escaped(group.name))</text>"#
            y += Self.heading
            for (index, value) in group.values.enumerated() {
                guard let value else { continue }
                let length = max(1, value / most * room)
                out += #"<rect class="bar c\#(index % 8)" x="0" y="\#(Plot.text(y))" width="\#(Plot.text(length))" height="\#(Self.bar - 2)" rx="2">"#
                    + "<title>\(HTML.escaped(runs[index])): \(Plot.value(value, isTime: isTime))</title></rect>"
                out += #"<text class="figure" x="\#(Plot.text(length + 6))" y="\#(Plot.text(y + 11))">\#(Plot.value(value, isTime: isTime))</text>"#
                y += Self.bar
            }
            y += Self.gap
        }
        let legend = runs.count < 2 ? "" : runs.enumerated().map { #"<span class="key"><i class="c\#($0.offset % 8)"></i>\#(HTML.escaped($0.element))</span>"# }.joined()
        return #"<figure><h3>\#(HTML.escaped(title)) <small>\#(HTML.escaped(unit))</small></h3><svg viewBox="0 0 \#(Int(Self.width)) \#(Int(y))" role="img""#
            + #" aria-label="\#(HTML.escaped(title))">\#(out)</svg><figcaption>\#(legend)</figcaption></figure>"#
    }
}
