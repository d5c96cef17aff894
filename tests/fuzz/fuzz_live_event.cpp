#include "base/json.hpp"
#include "fuzz/targets.hpp"
#include "web/live/event.hpp"

#include <cstdio>
#include <cstdlib>
#include <variant>

namespace beamline::fuzz {

/// A line with the message's name, then its payload: JSON, or octets when it is none.
int fuzz_live_event(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  const auto name = input.substr(0, input.find('\n'));
  const auto text = name.size() == input.size() ? std::string_view{} : input.substr(name.size() + 1);
  auto value = parse_json(text);
  auto payload = value ? web::channels::message_payload{*std::move(value)}
                       : web::channels::message_payload{web::channels::binary_payload{bytes{text}}};
  const auto m = web::live::decode_client_message(name, std::move(payload));
  if (!m)
    return 0;
  const auto* e = std::get_if<web::live::event>(&*m);
  if (e != nullptr && e->name.starts_with("lv:")) {
    std::fprintf(stderr, "fuzz_live_event: a name of the client's own reaches the view\n");
    std::abort();
  }
  return 0;
}

}  // namespace beamline::fuzz
