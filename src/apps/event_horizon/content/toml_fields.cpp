#include "apps/event_horizon/content/front_value.hpp"

#include <algorithm>
#include <cstddef>
#include <sstream>
#include <string>
#include <toml++/toml.h>
#include <utility>

namespace beamline::event_horizon {

namespace {

struct refused {
  front_error why;
};

int line_of(const toml::node& n) { return static_cast<int>(n.source().begin.line); }

std::string written(const auto& value) {
  auto out = std::ostringstream{};
  out << value;
  return out.str();
}

class toml_reader {
public:
  std::vector<front_field> read_table(const toml::table& from, std::size_t depth) {
    auto out = std::vector<front_field>{};
    for (auto&& [key, node] : from)
      out.push_back({std::string{key.str()}, read_value(node, depth), static_cast<int>(key.source().begin.line)});
    // A problem is found sooner when problems come in the order of the file.
    std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.line < b.line; });
    return out;
  }

private:
  front_value read_value(const toml::node& n, std::size_t depth) {
    using kind = front_value::kind;
    auto out = front_value{};
    out.line = line_of(n);
    if (depth > front_depth_max)
      throw refused{{out.line, "nests lists and tables more than " + std::to_string(front_depth_max) + " deep"}};
    if (++values_ > front_values_max)
      throw refused{{out.line, "has more than " + std::to_string(front_values_max) + " values"}};
    if (const auto* text = n.as_string()) {
      out.what = kind::text;
      out.text = text->get();
    } else if (const auto* flag = n.as_boolean()) {
      out.what = kind::boolean;
      out.text = flag->get() ? "true" : "false";
    } else if (const auto* list = n.as_array()) {
      out.what = kind::list;
      for (const auto& item : *list)
        out.items.push_back(read_value(item, depth + 1));
    } else if (const auto* table = n.as_table()) {
      out.what = kind::table;
      out.fields = read_table(*table, depth + 1);
    } else if (const auto* day = n.as_date()) {
      out.what = kind::date;
      out.text = written(day->get());
    } else if (const auto* moment = n.as_date_time()) {
      out.what = kind::date;
      out.text = written(moment->get());
    } else if (const auto* number = n.as_integer()) {
      out.what = kind::number;
      out.text = written(number->get());
    } else if (const auto* fraction = n.as_floating_point()) {
      out.what = kind::number;
      out.text = written(fraction->get());
    } else if (const auto* time = n.as_time()) {
      out.what = kind::text;
      out.text = written(time->get());
    }
    return out;
  }

  std::size_t values_ = 0;
};

/// The line of the first letter beyond ASCII that stands outside of texts and comments, where TOML allows none; 0:
/// there is none. toml++ 3.3 takes such a letter for a place of its code that is never reached.
int stray_letter(std::string_view block) {
  auto line = 1;
  for (std::size_t i = 0; i < block.size(); ++i) {
    char c = block[i];
    if (c == '#') {
      i = std::min(block.find('\n', i), block.size()) - 1;
    } else if (c == '"' || c == '\'') {
      bool is_long = block.substr(i).starts_with(std::string(3, c));
      auto end = std::string(is_long ? 3 : 1, c);
      for (i += end.size(); i < block.size() && !block.substr(i).starts_with(end); ++i) {
        if (block[i] == '\n' && !is_long)
          return 0;  // toml++ finds the open text before it gets any further.
        if (block[i] == '\\' && c == '"')
          ++i;
        line += i < block.size() && block[i] == '\n' ? 1 : 0;
      }
      i += end.size() - 1;
    } else if (c == '\n') {
      ++line;
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      return line;
    }
  }
  return 0;
}

}  // namespace

front_block read_toml(std::string_view block) {
  if (auto line = stray_letter(block); line > 0)
    return {{}, front_error{line, "has letters outside of quotes; texts stand in double quotes"}};
  try {
    const auto parsed = toml::parse(block);
    return {toml_reader{}.read_table(parsed, 1), std::nullopt};
  } catch (const toml::parse_error& e) {
    return {{},
            front_error{static_cast<int>(e.source().begin.line),
                        "cannot be read as TOML: " + std::string{e.description()} + "; texts stand in double quotes"}};
  } catch (refused& e) {
    return {{}, std::move(e.why)};
  }
}

}  // namespace beamline::event_horizon
