#include "net/outbox/event_class.hpp"

#include <stdexcept>

namespace beamline::net::outbox {

class_table::class_table(std::vector<event_class> all) {
  for (auto& c : all) {
    if (c.type.empty() || c.type.size() > type_bytes_max)
      throw std::logic_error{"an event class is called \"" + c.type + "\"; a type has 1 to "
                             + std::to_string(type_bytes_max) + " bytes"};
    auto type = c.type;
    if (!all_.emplace(type, std::move(c)).second)
      throw std::logic_error{"two event classes are called \"" + type + "\""};
  }
}

const event_class* class_table::find(std::string_view type) const {
  auto i = all_.find(type);
  return i == all_.end() ? nullptr : &i->second;
}

bool are_in_one(duration slice, const uid& a, const uid& b) {
  if (slice <= duration{})
    return true;
  // Ids say milliseconds since 1970, never less than 0.
  auto number = [slice](const uid& id) { return duration{id.made_at().time_since_epoch()} / slice; };
  return number(a) == number(b);
}

std::string_view to_string(event_outcome v) noexcept {
  switch (v) {
    case event_outcome::applied: return "applied";
    case event_outcome::duplicate: return "duplicate";
    case event_outcome::rejected: return "rejected";
    case event_outcome::retry: return "retry";
  }
  return "retry";
}

}  // namespace beamline::net::outbox
