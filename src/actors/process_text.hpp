#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline {

// How processes, times and text of foreign origin are shown to people: in trees, lists and reports.

/// `<12.1>`: the slot of a process and how often that slot was used. Short for `to_string(pid)`, where the node is
/// known.
[[nodiscard]] std::string short_text(std::uint64_t id);

/// What `short_text` and `to_string(pid)` wrote: `<12.1>`, `12.1`, `<n.12.1>` or `<one@host.12.1>` when `node` is
/// "one@host". Nothing when it is neither, or is of another node. Whether such a process exists is not asked.
[[nodiscard]] std::optional<std::uint64_t> parse_pid_text(std::string_view text, std::string_view node);

/// `850us`, `12.3ms`, `4.25s`, `3m07s`, `2h05m`, `11d04h`: at most three figures that matter.
[[nodiscard]] std::string span_text(duration d);

/// `9,984`.
[[nodiscard]] std::string grouped(std::uint64_t n);

/// `1.5 KiB`.
[[nodiscard]] std::string bytes_text(std::uint64_t n);

/// One line that a terminal can take: control characters and what is no UTF-8 become `?`. Longer than `octets_max` (at
/// least 3): cut between characters, with `...` at the end.
[[nodiscard]] std::string printable(std::string_view text, std::size_t octets_max);

/// How many columns it takes; every character counts one.
[[nodiscard]] std::size_t columns(std::string_view utf8) noexcept;

/// Writes one line from parts of foreign text: `write` gets them printable, must use each at most once, and is given
/// cut ones when the line would be longer than `octets_max`: the longest are cut first, all to one length, none below
/// `least`.
[[nodiscard]] std::string fit_line(const std::vector<std::string>& parts, std::size_t octets_max, std::size_t least,
                                   const std::function<std::string(const std::vector<std::string>&)>& write);

}  // namespace beamline
