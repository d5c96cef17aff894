#include "web/live/statics.hpp"

#include "base/json.hpp"
#include "web/live/sip_hash.hpp"

#include <stdexcept>
#include <utility>

namespace beamline::web::live {

namespace {

// Not a secret: templates come from us, and equal templates must have equal fingerprints on all nodes.
constexpr auto fingerprint_key = hash_key{0x6265616d6c696e65, 0x7374617469637331};

std::string encode_parts(const std::vector<std::string>& parts) {
  auto out = std::string{"["};
  for (const auto& part : parts) {
    if (out.size() > 1)
      out += ',';
    append_json_string(out, part);
  }
  out += ']';
  return out;
}

}  // namespace

statics::statics(std::vector<std::string> parts, root_element root)
    : parts_{std::move(parts)}, json_{encode_parts(parts_)}, root_{root} {
  if (parts_.empty())
    throw std::logic_error{"live::statics: a template has no parts; even an empty one has one part, the empty string"};
  fingerprint_ = sip_hash(fingerprint_key, json_ + (is_single_root() ? "r" : ""));
}

std::string statics::describe() const {
  constexpr auto shown_max = std::size_t{40};
  auto text = std::string{};
  for (const auto& part : parts_) {
    if (!text.empty())
      text += "{..}";
    text += part;
    if (text.size() > shown_max)
      return text.substr(0, shown_max) + "...";
  }
  return text;
}

}  // namespace beamline::web::live
