/// What an installation decides about reading identifiers. The same rules must hold where opt-outs are stored
/// (``CanonicalIdentifier``) and where sends are judged (``Normaliser``): keep ``fingerprint`` with everything derived, and
/// derive it again when the fingerprint differs.
public struct NormalisationRules: Sendable, Hashable {
    /// A region name that libphonenumber does not know, or more regions than fit.
    public enum RegionProblem: Error, Hashable, Sendable, CustomStringConvertible {
        case unknown(String)
        case tooMany(Int)

        public var description: String {
            switch self {
            case .unknown(let name): "“\(name)” is not a region. Give two letters such as US or GB."
            case .tooMany(let count): "\(count) default regions are too many: at most \(NormalisationRules.regionLimit)."
            }
        }
    }

    /// More regions would mean more readings of one number than ``CandidateKeys`` holds.
    public static let regionLimit = 4

    /// Where numbers without a country code may belong, the likeliest first. Every one is tried.
    public let defaultRegions: [Region]
    /// Whether a suppression of `name@example.com` also covers `name+tag@example.com`.
    public let baseCoversTags: Bool
    /// Whether dots and tags before `@gmail.com` are ignored, and `googlemail.com` is `gmail.com`, as Google delivers.
    public let gmailIgnoresDots: Bool
    /// Whether every default region has calling code 1, where the fast path knows the readings.
    let regionsAreNANP: Bool

    public init(
        defaultRegions: [String] = ["US"], baseCoversTags: Bool = true, gmailIgnoresDots: Bool = true
    ) throws(RegionProblem) {
        guard defaultRegions.count <= Self.regionLimit else { throw .tooMany(defaultRegions.count) }
        var regions: [Region] = []
        for name in defaultRegions {
            guard let region = Region(name) else { throw .unknown(name) }
            if !regions.contains(region) { regions.append(region) }
        }
        self.init(regions: regions, baseCoversTags: baseCoversTags, gmailIgnoresDots: gmailIgnoresDots)
    }

    private init(regions: [Region], baseCoversTags: Bool, gmailIgnoresDots: Bool) {
        defaultRegions = regions
        regionsAreNANP = regions.allSatisfy { $0.callingCode == 1 }
        self.baseCoversTags = baseCoversTags
        self.gmailIgnoresDots = gmailIgnoresDots
    }

    /// Numbers without a country code are American; the base address covers its tags; Gmail's dots are ignored.
    public static let standard = NormalisationRules(
        regions: Region("US").map { [$0] } ?? [], baseCoversTags: true, gmailIgnoresDots: true)

    /// Names these rules and the version of the normal forms, for the header of a snapshot or a cache. Equal rules have
    /// equal fingerprints, also in another process.
    public var fingerprint: String {
        let regions = defaultRegions.map(\.description).joined(separator: ",")
        return "1;regions=\(regions);tags=\(baseCoversTags ? "base" : "exact");gmail=\(gmailIgnoresDots ? "dots" : "exact")"
    }
}
