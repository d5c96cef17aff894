#include "web/live/flash.hpp"

#include "base/json.hpp"

namespace beamline::web::live {

flash_messages flash_from(const json& object) {
  flash_messages out;
  for (const auto& [kind, text] : object.items())
    if (text.is_string())
      out.emplace(kind, text.get<std::string>());
  return out;
}

}  // namespace beamline::web::live
