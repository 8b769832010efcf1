/// Numbers that ring the same telephone share one normal form, and so one key.
///
/// | country | spelled | normal form | why |
/// |---|---|---|---|
/// | Mexico | +52 1 and 10 digits | +52 and 10 digits | the mobile 1 was abolished in 2019; WhatsApp still shows it |
/// | Argentina | +54 9 and 10 digits | +54 and 10 digits | the 9 marks a mobile number; many systems leave it out |
/// | Brazil | +55, area, 8 digits from 6 to 9 | +55, area, 9, 8 digits | mobile numbers got a ninth digit by 2016 |
///
/// In Brazil an 8-digit number that starts with 2 to 5 is a fixed line: `+55 11 9 5xxx xxxx` is another subscriber and stays
/// another key. A normal form is its own normal form.
enum NumberEquivalence {
    static func normalForm(of number: E164) -> E164 {
        switch (number.count, number.prefix(3)) {
        case (13, 521): return E164(52 * Decimal.power(10) + number.suffix(after: 3), count: 12) ?? number
        case (13, 549): return E164(54 * Decimal.power(10) + number.suffix(after: 3), count: 12) ?? number
        case (12, 550...559):
            let subscriber = number.suffix(after: 4)
            guard subscriber >= 60_000_000 else { return number }
            return E164(number.prefix(4) * Decimal.power(9) + 900_000_000 + subscriber, count: 13) ?? number
        default: return number
        }
    }
}
