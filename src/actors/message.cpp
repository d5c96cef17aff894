#include "actors/message.hpp"

namespace beamline::detail {

void append_text(std::string& out, std::string_view value) {
  bool is_cut = value.size() > message_text_string_max;
  if (is_cut)
    value = value.substr(0, message_text_string_max);
  out += '"';
  for (char c : value)
    out += static_cast<unsigned char>(c) < 0x20 || c == '"' ? '.' : c;
  out += is_cut ? "...\"" : "\"";
}

}  // namespace beamline::detail
