#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace beamline {

class environment;

/// The last word on what reports of crashes and of supervisors say, for hosts whose names, messages or exception texts
/// hold what must not be read by everybody. A node without one says all there is. Provided through the environment:
///
///   report_redaction hide{[](std::string_view field, std::string text) {
///     return field == "message" ? std::string{"(hidden)"} : std::move(text); }};
///   node.env().provide(hide);
///
/// Fields: "reason", "message" (what was being handled, with its contents), "id", "label", "name" and "ancestor".
/// Called by whoever reports, in its turn, hence from any thread; must not block. What it throws hides the text.
struct report_redaction {
  std::function<std::string(std::string_view field, std::string text)> run;
};

/// Null: nothing is hidden on this node.
[[nodiscard]] const report_redaction* find_redaction(const environment& env);

/// `text` as it may be shown. `by` may be null.
[[nodiscard]] std::string redacted_text(const report_redaction* by, std::string_view field, std::string text);

}  // namespace beamline
