import Policy
import Testing

/// The defaults are those that docs/hardening.md section 1 promises.
@Suite struct SettingsDefaultsTests {
    @Test func limits() {
        let limits = Limits()
        #expect(limits.tlsHandshakeTime == .seconds(5) && limits.headTime == .seconds(10))
        #expect(limits.requestLineSize == 8192 && limits.fieldsSize == 32_768 && limits.fieldCount == 100)
        #expect(limits.connections == 4096 && limits.connectionsPerSource == 256 && limits.newConnectionsPerSource == 100)
        #expect(limits.bufferedBodies == 256 << 20)
        #expect(limits.http2.concurrentStreams == 100 && limits.http2.continuationFrames == 8 && limits.http2.resetBurst == 200)
        #expect(limits.inspection.jsonDepth == 64 && limits.inspection.recipients == 1000 && limits.inspection.gzipRatio == 100)
    }

    @Test func theShippedFileChangesNoDefaultItNames() throws {
        let settings = try PolicyLoader.load(directory: ShippedPoliciesTests.directory).settings
        #expect(settings.limits == Limits())
        #expect(settings.audit == Settings.Audit())
        #expect(settings.storage == Settings.Storage())
        #expect(settings.upstream == Settings.Upstream())
        #expect(settings.listeners.map(\.role) == [.proxy, .intake])
    }
}
