#pragma once

#include "web/live/form_schema.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gallery {

namespace live = beamline::web::live;

struct phone {
  std::string kind;
  std::string number;
  friend bool operator==(const phone&, const phone&) = default;
};

struct address {
  std::string street;
  std::string city;
  friend bool operator==(const address&, const address&) = default;
};

/// What the form of /form is about.
struct signup {
  std::string name;
  std::string email;
  std::optional<int> age;
  address home;
  std::vector<phone> phones;
};

// One more cannot be added.
inline constexpr std::size_t phones_max = 5;

/// Its fields, and what must hold.
[[nodiscard]] const live::form_schema<signup>& signup_schema();

}  // namespace gallery
