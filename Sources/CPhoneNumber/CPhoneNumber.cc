#include "CPhoneNumber.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <string>

#include <phonenumbers/logger.h>
#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>

using i18n::phonenumbers::NullLogger;
using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

namespace {

// The library's own logger writes numbers it dislikes to standard output; identifiers never go to a log.
const PhoneNumberUtil &library() {
    static const PhoneNumberUtil *const shared = [] {
        PhoneNumberUtil *instance = PhoneNumberUtil::GetInstance();
        instance->SetLogger(new NullLogger); // the library owns it from here
        return instance;
    }();
    return *shared;
}

phone_reading reading(const PhoneNumber &number) {
    phone_reading result = {};
    std::string text;
    library().Format(number, PhoneNumberUtil::E164, &text);
    if (text.size() < 2 || text[0] != '+' || text.size() - 1 > sizeof result.digits) return result;
    std::memcpy(result.digits, text.data() + 1, text.size() - 1);
    result.length = static_cast<uint8_t>(text.size() - 1);
    // IsPossibleNumber also accepts numbers that work only inside their area: nobody can send to those.
    if (library().IsPossibleNumberWithReason(number) != PhoneNumberUtil::IS_POSSIBLE) {
        result.status = PHONE_PARSED;
    } else {
        result.status = library().IsValidNumber(number) ? PHONE_VALID : PHONE_POSSIBLE;
    }
    return result;
}

bool example(const char *region, int mobile, PhoneNumber *number) {
    const auto type = mobile ? PhoneNumberUtil::MOBILE : PhoneNumberUtil::FIXED_LINE;
    return library().GetExampleNumberForType(region, type, number);
}

} // namespace

phone_reading phone_parse(const uint8_t *text, size_t length, const char *region) {
    try {
        PhoneNumber number;
        const std::string input(reinterpret_cast<const char *>(text), length);
        if (library().Parse(input, region, &number) != PhoneNumberUtil::NO_PARSING_ERROR) return phone_reading{};
        return reading(number);
    } catch (...) {
        return phone_reading{};
    }
}

int phone_calling_code(const char *region) {
    try {
        return library().GetCountryCodeForRegion(region);
    } catch (...) {
        return 0;
    }
}

size_t phone_regions(char *buffer, size_t capacity) {
    try {
        std::set<std::string> regions;
        library().GetSupportedRegions(&regions);
        std::string all;
        for (const std::string &region : regions) {
            if (region.size() == 2) all += region;
        }
        std::memcpy(buffer, all.data(), std::min(all.size(), capacity));
        return all.size();
    } catch (...) {
        return 0;
    }
}

size_t phone_calling_codes(int *buffer, size_t capacity) {
    try {
        std::set<int> codes;
        library().GetSupportedCallingCodes(&codes);
        size_t count = 0;
        for (int code : codes) {
            if (count < capacity) buffer[count] = code;
            count += 1;
        }
        return count;
    } catch (...) {
        return 0;
    }
}

phone_reading phone_example(const char *region, int mobile) {
    try {
        PhoneNumber number;
        return example(region, mobile, &number) ? reading(number) : phone_reading{};
    } catch (...) {
        return phone_reading{};
    }
}

size_t phone_example_national(const char *region, int mobile, char *buffer, size_t capacity) {
    try {
        PhoneNumber number;
        if (!example(region, mobile, &number)) return 0;
        std::string text;
        library().Format(number, PhoneNumberUtil::NATIONAL, &text);
        std::memcpy(buffer, text.data(), std::min(text.size(), capacity));
        return text.size();
    } catch (...) {
        return 0;
    }
}
