#include "actors/report_redaction.hpp"

#include "actors/environment.hpp"

#include <stdexcept>

namespace beamline {

const report_redaction* find_redaction(const environment& env) {
  try {
    return &env.get<report_redaction>();
  } catch (const std::logic_error&) {
    return nullptr;
  }
}

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
