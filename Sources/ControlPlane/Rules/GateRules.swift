import Adapters
import Dataplane
import Foundation
public import Policy
public import Recipients
import Signing
import TLSKit

/// Everything a reload may replace, read, compiled and checked as a whole: policies, certificates and secrets of webhooks.
/// Immutable.
public struct GateRules: Sendable {
    public let ruleset: Ruleset
    public let identifiers: NormalisationRules
    let screening: ScreeningRules
    let intake: IntakeRules?
    /// `nil` when no listener speaks TLS.
    let material: TLSServerMaterial?

    public var settings: Settings { ruleset.settings }
    /// In the order in which workers count them.
    var providers: [String] { ruleset.routes.adapters.map { $0.provider } }

    /// - Parameters:
    ///   - directory: where `stopgate.yaml` is.
    ///   - environment: holds the secrets that settings name by variable.
    /// - Throws: `PolicyProblems`, `TLSProblem` or ``StartProblem``; nothing has changed then.
    static func load(directory: String, environment: [String: String]) throws -> GateRules {
        let ruleset = try PolicyLoader.load(directory: directory)
        let settings = ruleset.settings
        let identifiers = try NormalisationRules(settings: settings.recipients)
        let onlyHTTP1 = settings.upstream.http2 ? [] : Set(ruleset.routes.adapters.map { $0.provider })
        let screening = ScreeningRules(
            routes: ruleset.routes, hash: ruleset.hash.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }, identifiers: identifiers,
            onlyHTTP1: onlyHTTP1, signing: try SigningKeys(settings: settings.signing, environment: environment),
            programs: settings.programs)
        let usesTLS = settings.listeners.contains { $0.usesTLS }
        return GateRules(
            ruleset: ruleset, identifiers: identifiers, screening: screening,
            intake: try IntakeRules(ruleset: ruleset, identifiers: identifiers, environment: environment),
            material: usesTLS ? try settings.tls.material() : nil)
    }
}

extension NormalisationRules {
    /// - Throws: ``StartProblem`` for a region nobody knows.
    public init(settings: Settings.RecipientRules) throws {
        do throws(RegionProblem) {
            try self.init(
                defaultRegions: settings.defaultRegions, baseCoversTags: settings.baseCoversTags,
                gmailIgnoresDots: settings.gmailIgnoresDots)
        } catch {
            throw StartProblem("stopgate.yaml: recipients.default_regions: \(error)")
        }
    }
}

extension Settings.TLS {
    /// Reads the certificates of the TLS listeners.
    func material() throws -> TLSServerMaterial {
        var settings = TLSServerSettings(
            certificates: certificates.map { .init(chain: $0.chainFile, key: $0.keyFile) },
            minimumVersion: minimumVersion == .v1_3 ? .tls13 : .tls12, requireSNI: false)
        if let authorities = clientCAFile {
            switch clientAuthentication {
            case .none: break
            case .optional: settings.clientAuthentication = .optional(.init(authorities: authorities))
            case .required: settings.clientAuthentication = .required(.init(authorities: authorities))
            }
        }
        let material = try TLSServerMaterial(settings)
        for (wanted, found) in zip(certificates, material.certificates) {
            if let missing = wanted.names.first(where: { !found.names.contains($0.lowercased()) }) {
                throw StartProblem(
                    "\(wanted.chainFile): is to be shown for \(missing), but names only \(found.names.joined(separator: ", ")). "
                        + "Issue it again with that name, or take the name out of tls.certificates.")
            }
        }
        return material
    }
}
