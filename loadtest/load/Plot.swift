import Foundation

/// A line plot as SVG. Scales are chosen from the data.
struct Plot {
    struct Line {
        var name: String
        /// x and y.
        var points: [(Double, Double)]
    }

    var title: String
    var xLabel: String
    var yLabel: String
    var lines: [Line]
    var isXLogarithmic = false
    var isYLogarithmic = false
    /// Whether y is a time in microseconds, to be labelled in the unit that fits.
    var isYTime = false
    /// Texts under the axis in place of numbers, by x.
    var xNames: [(Double, String)]?

    private static let width = 480.0, height = 280.0, left = 56.0, right = 24.0, top = 12.0, bottom = 44.0

    func svg() -> String {
        let points = lines.flatMap(\.points).filter {
            $0.0.isFinite && $0.1.isFinite && (!isYLogarithmic || $0.1 > 0) && (!isXLogarithmic || $0.0 > 0)
        }
        guard let xLow = points.map(\.0).min(), let xHigh = points.map(\.0).max(), let yHigh = points.map(\.1).max() else { return "" }
        let yLow = isYLogarithmic ? pow(10, floor(log10(points.map(\.1).min() ?? 1))) : 0
        let yTop = isYLogarithmic ? pow(10, ceil(log10(max(yHigh, yLow * 1.01)))) : Self.rounded(max(yHigh, 1e-9) * 1.08)
        func x(_ value: Double) -> Double {
            let share = isXLogarithmic ? log(value / xLow) / log(xHigh / xLow) : (value - xLow) / (xHigh - xLow)
            return Self.left + (xHigh == xLow ? 0.5 : share) * (Self.width - Self.left - Self.right)
        }
        func y(_ value: Double) -> Double {
            let share = isYLogarithmic ? (log10(max(value, yLow)) - log10(yLow)) / (log10(yTop) - log10(yLow)) : value / yTop
            return Self.height - Self.bottom - share * (Self.height - Self.top - Self.bottom)
        }
        var out = #"<svg viewBox="0 0 \#(Int(Self.width)) \#(Int(Self.height))" role="img" aria-label="\#(HTML.escaped(title))">"#
        for tick in yTicks(yLow, yTop) {
            out += #"<line class="grid" x1="\#(Self.left)" x2="\#(Self.width - Self.right)" y1="\#(Self.text(y(tick)))" y2="\#(Self.text(y(tick)))"/>"#
            out += #"<text class="tick" text-anchor="end" x="\#(Self.left - 8)" y="\#(Self.text(y(tick) + 4))">\#(yText(tick))</text>"#
        }
        for (value, name) in xNames ?? xTicks(xLow, xHigh) {
            out += #"<text class="tick" text-anchor="middle" x="\#(Self.text(x(value)))" y="\#(Self.height - Self.bottom + 18)">\#(HTML.escaped(name))</text>"#
        }
        out += #"<text class="axis" text-anchor="middle" x="\#((Self.left + Self.width) / 2)" y="\#(Self.height - 6)">\#(HTML.escaped(xLabel))</text>"#
        for (index, line) in lines.enumerated() {
            let kept = line.points.filter { (!isYLogarithmic || $0.1 > 0) && (!isXLogarithmic || $0.0 > 0) }
            let path = kept.map { "\(Self.text(x($0.0))),\(Self.text(y($0.1)))" }.joined(separator: " ")
            out += #"<polyline class="line c\#(index % 8)" points="\#(path)"/>"#
            for point in kept {
                out += #"<circle class="dot c\#(index % 8)" cx="\#(Self.text(x(point.0)))" cy="\#(Self.text(y(point.1)))" r="3">"#
                    + "<title>\(HTML.escaped(line.name)): \(yText(point.1)) at \(Self.label(point.0))</title></circle>"
            }
        }
        let legend = lines.enumerated().map { #"<span class="key"><i class="c\#($0.offset % 8)"></i>\#(HTML.escaped($0.element.name))</span>"# }.joined()
        return "<figure><h3>\(HTML.escaped(title)) <small>\(HTML.escaped(yLabel))</small></h3>\(out)</svg><figcaption>\(legend)</figcaption></figure>"
    }

    private func yTicks(_ low: Double, _ high: Double) -> [Double] {
        guard isYLogarithmic else { return (0...4).map { high * Double($0) / 4 } }
        var ticks: [Double] = []
        var tick = low
        while tick <= high * 1.0001 {
            ticks.append(tick)
            tick *= 10
        }
        return ticks
    }

    private func xTicks(_ low: Double, _ high: Double) -> [(Double, String)] {
        guard high > low else { return [(low, Self.label(low))] }
        if isXLogarithmic {
            return (Int(log10(low).rounded(.up))...max(Int(log10(low).rounded(.up)), Int(log10(high)))).map { (pow(10, Double($0)), Self.label(pow(10, Double($0)))) }
        }
        let step = Self.rounded((high - low) / 5)
        return stride(from: (low / step).rounded(.up) * step, through: high, by: step).map { ($0, Self.label($0)) }
    }

    /// The next number that people like to read.
    private static func rounded(_ value: Double) -> Double {
        let power = pow(10, floor(log10(value)))
        return ([1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10].first { $0 * power >= value } ?? 10) * power
    }

    private func yText(_ value: Double) -> String { Self.value(value, isTime: isYTime) }

    /// - Parameter isTime: whether the value is microseconds, to be written in the unit that fits.
    static func value(_ value: Double, isTime: Bool) -> String {
        guard isTime else { return label(value) }
        return switch value {
        case 1_000_000...: String(format: "%.3g s", value / 1_000_000)
        case 1000...: String(format: "%.3g ms", value / 1000)
        default: String(format: "%.3g µs", value)
        }
    }

    static func label(_ value: Double) -> String {
        switch abs(value) {
        case 1_000_000...: String(format: "%.3g M", value / 1_000_000)
        case 10_000...: String(format: "%.3g k", value / 1000)
        case 100...: String(format: "%.0f", value)
        default: String(format: "%.3g", value)
        }
    }

    static func text(_ value: Double) -> String { String(format: "%.1f", value) }
}
