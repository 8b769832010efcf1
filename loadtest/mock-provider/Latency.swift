import Foundation

/// How long answers take: always the same, evenly between two bounds, or as real services do, with a long tail. Milliseconds.
enum Latency: Sendable, Decodable {
    case constant(Double)
    case uniform(from: Double, to: Double)
    /// Most answers near `median`, one in a hundred slower than `p99`.
    case lognormal(median: Double, p99: Double)

    private enum CodingKeys: String, CodingKey { case constant, uniform, lognormal }

    private struct Lognormal: Decodable { var median, p99: Double }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        if let value = try values.decodeIfPresent(Double.self, forKey: .constant) {
            self = .constant(value)
        } else if let bounds = try values.decodeIfPresent([Double].self, forKey: .uniform), bounds.count == 2, bounds[0] <= bounds[1] {
            self = .uniform(from: bounds[0], to: bounds[1])
        } else if let wanted = try values.decodeIfPresent(Lognormal.self, forKey: .lognormal), wanted.median > 0, wanted.p99 >= wanted.median {
            self = .lognormal(median: wanted.median, p99: wanted.p99)
        } else {
            throw DecodingError.dataCorrupted(.init(
                codingPath: decoder.codingPath, debugDescription: "write constant: MS, uniform: [FROM, TO] or lognormal: {median: MS, p99: MS}"))
        }
    }

    /// One answer's delay, never above a minute.
    func milliseconds(_ random: inout some RandomNumberGenerator) -> Double {
        switch self {
        case .constant(let value): return min(value, 60_000)
        case .uniform(let from, let to): return min(Double.random(in: from...to, using: &random), 60_000)
        case .lognormal(let median, let p99):
            // 2.3263 standard deviations of a normal distribution are its 99th percentile; Box and Muller make one.
            let sigma = log(p99 / median) / 2.3263
            let normal = (-2 * log(Double.random(in: .leastNonzeroMagnitude..<1, using: &random))).squareRoot()
                * cos(2 * .pi * Double.random(in: 0..<1, using: &random))
            return min(median * exp(sigma * normal), 60_000)
        }
    }
}
