#pragma once

#include "base/result.hpp"
#include "base/time.hpp"

#include <string>
#include <string_view>

namespace beamline::store::postgres {

/// Where a PostgreSQL database is, read from a URL: `postgresql://user:password@host:5432/name?sslmode=require`, with
/// libpq's parameters behind the question mark. Several hosts, separated by commas, are tried in turn.
class address {
public:
  /// `invalid`, without a word of the URL in the message: it may hold a password, or half of one.
  [[nodiscard]] static result<address> parse(std::string_view url);

  /// For people: `postgresql://user@host:5432/name`. Never the password.
  [[nodiscard]] const std::string& text() const { return text_; }

  struct settings {
    std::string application_name;
    duration connect_timeout;
  };
  /// For libpq, with the password. What the URL says itself goes before the settings, but UTF-8 is not for choice.
  [[nodiscard]] std::string connection_string(const settings& s) const;

private:
  std::string given_;  // What the URL says, as `key='value'` words.
  std::string keys_;   // Its keys, each between spaces.
  std::string text_;
};

}  // namespace beamline::store::postgres
