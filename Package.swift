// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours: warnings are errors, boxes are visible as `any`, and imports stay private unless said otherwise.
let common: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Targets that may not hold unsafe code. The compiler keeps the promise: an unmarked unsafe call does not build.
let safe: [SwiftSetting] = common + [.strictMemorySafety()]

/// `make fuzz` alone builds these: they link only with -sanitize=fuzzer.
let fuzzers: [Target] = Context.environment["STOPGATE_FUZZ"] == nil ? [] : [
    .systemLibrary(name: "CLibFuzzer", path: "Tests/Fuzz/CLibFuzzer"),
    .executableTarget(
        name: "FuzzDriver", dependencies: ["CLibFuzzer", "FuzzHarness"], path: "Tests/Fuzz/Driver", swiftSettings: common),
]

let package = Package(
    name: "stopgate",
    products: [
        .executable(name: "stopgate", targets: ["stopgate"]),
        .executable(name: "stopgate-lab", targets: ["GateLab"]),
        .executable(name: "stopgate-load", targets: ["LoadGenerator"]),
        .executable(name: "stopgate-mock", targets: ["MockProvider"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // C libraries: Debian's -dev packages behind module maps.
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CNghttp2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CIDN2", pkgConfig: "libidn2", providers: [.apt(["libidn2-dev"])]),
        .systemLibrary(name: "CUnistring", providers: [.apt(["libunistring-dev"])]),
        .target(name: "CPhoneNumber", linkerSettings: [.linkedLibrary("phonenumber")]),
        .target(name: "CLinux"),

        // The pure core: bytes in, verdicts out.
        .target(name: "Bytes", dependencies: ["CUnistring", "CZlib"], swiftSettings: common),
        .target(name: "Recipients", dependencies: ["Bytes", "CPhoneNumber", "CIDN2", "CUnistring"], swiftSettings: common),
        .target(name: "Suppression", dependencies: ["Bytes", "Recipients", "CLinux"], swiftSettings: common),
        .target(name: "Adapters", dependencies: ["Bytes", "Recipients"], swiftSettings: safe),
        .target(name: "Gate", dependencies: ["Adapters", "Bytes", "Recipients", "Suppression"], swiftSettings: safe),

        // The engine.
        .target(name: "TLSKit", dependencies: ["COpenSSL", "CLinux", "Bytes"], swiftSettings: common),
        .target(name: "HTTPKit", dependencies: ["CNghttp2", "Bytes"], swiftSettings: common),
        .target(name: "Audit", dependencies: ["Bytes", "COpenSSL", "CLinux", "Recipients"], swiftSettings: common),
        .target(name: "Signing", dependencies: ["Bytes", "TLSKit"], swiftSettings: safe),
        .target(
            name: "Dataplane",
            dependencies: ["Adapters", "Audit", "Bytes", "CLinux", "Gate", "HTTPKit", "Recipients", "Signing", "Suppression", "TLSKit"],
            swiftSettings: common),

        // The control plane.
        .target(
            name: "Ledger",
            dependencies: ["Recipients", "TLSKit", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: safe),
        .target(name: "Lists", dependencies: ["Bytes", "Recipients", "Suppression", "TLSKit"], swiftSettings: safe),
        .target(name: "Intake", dependencies: ["Ledger", "Recipients", "TLSKit"], swiftSettings: safe),
        .target(name: "Policy", dependencies: ["Adapters", "Recipients", "TLSKit", "Yams"], swiftSettings: safe),
        .target(
            name: "ControlPlane",
            dependencies: [
                "Adapters", "Audit", "Bytes", "Dataplane", "HTTPKit", "Intake", "Ledger", "Lists", "Policy", "Recipients", "Signing",
                "Suppression", "TLSKit", .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: safe),
        .executableTarget(
            name: "stopgate",
            dependencies: [
                "Adapters", "Audit", "ControlPlane", "Ledger", "Lists", "Policy", "Recipients", "Suppression", "TLSKit",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: safe),
        .executableTarget(
            name: "MockProvider",
            dependencies: ["Dataplane", "HTTPKit", "TLSKit", "Yams", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "loadtest/mock-provider",
            exclude: ["answers"],
            swiftSettings: safe),
        .executableTarget(
            name: "GateLab",
            dependencies: [
                "Adapters", "Audit", "Dataplane", "Policy", "Recipients", "Suppression", "TLSKit",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "loadtest/gate-lab",
            swiftSettings: safe),
        .executableTarget(
            name: "LoadGenerator",
            dependencies: [
                "Bytes", "CLinux", "HTTPKit", "TLSKit", "Yams",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            path: "loadtest/load",
            swiftSettings: common),
        .executableTarget(
            name: "IndexBench", dependencies: ["Recipients", "Suppression"], path: "loadtest/index-bench",
            exclude: ["compare.py"], swiftSettings: common),
        .executableTarget(
            name: "InspectBench", dependencies: ["Adapters", "Bytes", "Gate", "Policy", "Recipients", "Suppression"],
            path: "loadtest/inspect-bench", exclude: ["compare.py", "simdjson.cc"], swiftSettings: common),
        .executableTarget(name: "SigningProbe", dependencies: ["Signing"], path: "Tests/SigningProbe", swiftSettings: safe),
        .executableTarget(
            name: "ListBench", dependencies: ["Ledger", "Lists", "Recipients", "Suppression"], path: "loadtest/list-bench",
            swiftSettings: common),

        // Tests, and what they share.
        .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: safe),
        .testTarget(name: "BytesTests", dependencies: ["AllocationCounter", "Bytes", "CZlib", "TestSupport"], swiftSettings: common),
        .testTarget(
            name: "RecipientsTests", dependencies: ["AllocationCounter", "Bytes", "CPhoneNumber", "Recipients", "TestSupport"],
            swiftSettings: common),
        .testTarget(
            name: "SuppressionTests", dependencies: ["AllocationCounter", "Recipients", "Suppression", "TestSupport"], swiftSettings: common),
        .testTarget(
            name: "AdaptersTests", dependencies: ["Adapters", "AllocationCounter", "Bytes", "Recipients", "TestSupport"], swiftSettings: common),
        .testTarget(
            name: "GateTests", dependencies: ["Adapters", "AllocationCounter", "Bytes", "Gate", "Policy", "Recipients", "Suppression"],
            exclude: ["Golden"], swiftSettings: common),
        .testTarget(
            name: "GoldenTests", dependencies: ["Adapters", "Bytes", "Gate", "Policy", "Recipients", "Suppression", "Yams"],
            exclude: ["Cases"], swiftSettings: common),
        .testTarget(name: "PolicyTests", dependencies: ["Adapters", "Policy", "Recipients"], swiftSettings: common),
        .testTarget(name: "HTTPKitTests", dependencies: ["AllocationCounter", "Bytes", "CNghttp2", "HTTPKit", "TestSupport"], swiftSettings: common),
        .testTarget(name: "SigningTests", dependencies: ["Signing"], swiftSettings: common),
        .testTarget(name: "TLSKitTests", dependencies: ["Bytes", "COpenSSL", "TLSKit"], swiftSettings: common),
        .testTarget(
            name: "AuditTests", dependencies: ["AllocationCounter", "Audit", "Bytes", "CLinux", "Recipients"],
            swiftSettings: common),
        .executableTarget(
            name: "LedgerCrashWriter", dependencies: ["Ledger", "Recipients"], path: "Tests/LedgerCrashWriter", swiftSettings: common),
        .testTarget(
            name: "DataplaneTests", dependencies: ["Audit", "Dataplane", "Policy", "Recipients", "Suppression"], swiftSettings: common),
        .testTarget(
            name: "LedgerTests",
            dependencies: ["Ledger", "LedgerCrashWriter", "Recipients", "TLSKit", "TestSupport", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: common),
        .executableTarget(
            name: "ListsCrashWriter", dependencies: ["Lists", "Recipients", "Suppression"], path: "Tests/ListsCrashWriter",
            swiftSettings: common),
        .testTarget(
            name: "ListsTests", dependencies: ["Lists", "ListsCrashWriter", "Recipients", "Suppression", "TestSupport"], swiftSettings: common),
        .testTarget(
            name: "IntakeTests",
            dependencies: ["Intake", "Ledger", "Recipients", "TLSKit"],
            exclude: ["Corpus"],
            swiftSettings: common),
        .testTarget(
            name: "ControlPlaneTests",
            dependencies: [
                "Adapters", "ControlPlane", "Dataplane", "Ledger", "Lists", "Policy", "Recipients", "Suppression", "TLSKit",
                "TestSupport", "Yams", "stopgate",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: common),
        .executableTarget(
            name: "DifferentialProbe", dependencies: ["Adapters", "Bytes", "Gate", "Recipients", "Suppression"],
            path: "Tests/Differential/Probe", swiftSettings: common),
        .target(
            name: "FuzzHarness",
            dependencies: ["Adapters", "Audit", "Bytes", "Gate", "HTTPKit", "Policy", "Recipients", "Suppression"],
            path: "Tests/Fuzz/Harness", swiftSettings: common),
        .testTarget(name: "FuzzReplayTests", dependencies: ["FuzzHarness"], path: "Tests/Fuzz/Replay", swiftSettings: common),
    ] + fuzzers
)
