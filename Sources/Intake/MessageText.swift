import Foundation

/// A message reduced to the words it consists of, so that spelling does not decide what it means.
struct MessageText: Equatable, Sendable {
    /// Longer messages are no keywords; they are cut here before any other work.
    static let scalarLimit = 4096

    /// Lower case, without marks, punctuation or symbols.
    let words: [String]
    let isCut: Bool

    var joined: String { words.joined(separator: " ") }
    /// Without blanks: what `o p t o u t` and `opt-out` have in common.
    var squeezed: String { words.joined() }

    /// - Complexity: linear in the first ``scalarLimit`` scalars of `text`.
    init(_ text: String) {
        var scalars = String.UnicodeScalarView()
        var count = 0
        for scalar in text.unicodeScalars {
            if count == Self.scalarLimit { break }
            count += 1
            // Before NFKC, which would turn ™ into letters.
            scalars.append(Self.isPictorial(scalar) ? " " : scalar)
        }
        isCut = count == Self.scalarLimit && text.unicodeScalars.dropFirst(count).first != nil
        let folded = String(scalars).precomposedStringWithCompatibilityMapping.lowercased().decomposedStringWithCompatibilityMapping
        var words: [String] = []
        var word = String.UnicodeScalarView()
        var afterLatin = false
        for scalar in folded.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .format: continue  // zero-width characters, soft hyphens, direction marks: inside a word, and invisible
            case .control where !scalar.properties.isWhitespace: continue
            case .nonspacingMark, .enclosingMark:
                // Accents go (arrêt, arret); in other scripts marks are letters and stay. Variation selectors go everywhere.
                if afterLatin || scalar.properties.isVariationSelector || scalar.properties.generalCategory == .enclosingMark { continue }
                word.append(scalar)
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .spacingMark,
                .decimalNumber, .letterNumber, .otherNumber:
                word.append(scalar)
                afterLatin = scalar.isASCII || (0x00c0...0x024f).contains(scalar.value)
            default:
                if Self.isApostrophe(scalar) { continue }  // don't → dont
                if !word.isEmpty { words.append(String(word)) }
                word = .init()
                afterLatin = false
            }
        }
        if !word.isEmpty { words.append(String(word)) }
        self.words = words.map { $0.precomposedStringWithCanonicalMapping }
    }

    private static func isPictorial(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xa9, 0xae, 0x2117, 0x2120, 0x2122: true
        default: scalar.properties.isEmojiPresentation || scalar.properties.isEmojiModifier
        }
    }

    private static func isApostrophe(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "'" || scalar == "\u{2019}" || scalar == "\u{2bc}"
    }
}
