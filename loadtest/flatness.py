"""Whether a long run left memory, descriptors and threads as they were, by a rule that is stated and not looked for afterwards.

The first fifth of the run is for warming up. Then the second fifth is compared with the last: resident memory may be at most 3 % and
8 MiB higher (opt-outs are kept, at some tens of bytes each), the median of descriptors and of threads at most 2 % or 4 higher.
"""

import statistics

MIB = 1 << 20


def verdict(step):
    """A table as text, and what is not flat, one a line."""
    lines, problems = [], []
    for process in step["processes"]:
        samples = process["samples"]
        if len(samples) < 10:
            return f"  {process['name']}: {len(samples)} samples are too few to tell", []
        fifth = len(samples) // 5
        early, late = samples[fifth:2 * fifth], samples[-fifth:]
        for column, name, unit, allowed in (
                (1, "resident memory", MIB, lambda value: value * 1.03 + 8), (2, "descriptors", 1, lambda value: value + max(4, value * 0.02)),
                (3, "threads", 1, lambda value: value + max(4, value * 0.02))):
            before, after = (statistics.median(sample[column] for sample in part) / unit for part in (early, late))
            flat = after <= allowed(before)
            lines.append(f"  {process['name']}: {name} {before:,.1f} in the second fifth, {after:,.1f} in the last: {'flat' if flat else 'NOT FLAT'}")
            if not flat and process["name"] != "provider":
                problems.append(f"{name} grew from {before:,.1f} to {after:,.1f}")
    return "\n".join(lines), problems
