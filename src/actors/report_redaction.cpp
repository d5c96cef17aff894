#include "actors/report_redaction.hpp"

#include "actors/environment.hpp"

namespace beamline {

const report_redaction* find_redaction(const environment& env) { return env.find<report_redaction>(); }

std::string redacted_text(const report_redaction* by, std::string_view field, std::string text) {
  if (by == nullptr || !by->run || text.empty())
    return text;
  try {
    return by->run(field, std::move(text));
  } catch (...) {  // When in doubt, hidden.
    return "(the redaction of this failed)";
  }
}

}  // namespace beamline
