#include "testing/live/selector.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <functional>
#include <stdexcept>

namespace beamline::testing {

using condition = std::function<bool(const dom_node&)>;

struct selector::compound {
  std::vector<condition> conditions;
  char combinator = 0;  // Between `before` and this: space, > + ~.
  std::shared_ptr<const compound> before;
};

namespace {

std::size_t position_of(const dom_node& n, const std::vector<dom_node*>& siblings) {
  return static_cast<std::size_t>(std::ranges::find(siblings, &n) - siblings.begin());
}

std::vector<dom_node*> siblings_of(const dom_node& n) {
  return n.parent() == nullptr ? std::vector<dom_node*>{} : n.parent()->child_elements();
}

bool matches_compound(const selector::compound& c, const dom_node& n) {
  if (!n.is_element() || n.name().empty() || !std::ranges::all_of(c.conditions, [&](const auto& f) { return f(n); }))
    return false;
  const auto earlier = [&](bool is_next) {
    const auto siblings = siblings_of(n);
    const auto at = position_of(n, siblings);
    for (std::size_t i = at; i-- > 0;) {
      if (matches_compound(*c.before, *siblings[i]))
        return true;
      if (is_next)
        return false;
    }
    return false;
  };
  switch (c.combinator) {
    case 0: return true;
    case '>': return n.parent() != nullptr && matches_compound(*c.before, *n.parent());
    case '+': return earlier(true);
    case '~': return earlier(false);
    default:
      for (const auto* p = n.parent(); p != nullptr; p = p->parent())
        if (matches_compound(*c.before, *p))
          return true;
      return false;
  }
}

bool is_word(std::string_view all, std::string_view word) {
  for (std::size_t at = 0; at <= all.size();) {
    const auto end = std::min(all.find(' ', at), all.size());
    if (all.substr(at, end - at) == word)
      return !word.empty();
    at = end + 1;
  }
  return false;
}

bool matches_value(std::string_view value, char how, std::string_view wanted) {
  switch (how) {
    case '~': return is_word(value, wanted);
    case '|': return value == wanted || (value.starts_with(wanted) && value.substr(wanted.size()).starts_with('-'));
    case '^': return !wanted.empty() && value.starts_with(wanted);
    case '$': return !wanted.empty() && value.ends_with(wanted);
    case '*': return !wanted.empty() && value.find(wanted) != std::string_view::npos;
    default: return value == wanted;
  }
}

bool is_empty(const dom_node& n) {
  return std::ranges::none_of(n.children(), [](const auto& c) { return c->is_element() || c->is_text(); });
}

class reader {
public:
  explicit reader(std::string_view css) : css_{css} {}

  std::vector<std::shared_ptr<const selector::compound>> list() {
    auto out = std::vector<std::shared_ptr<const selector::compound>>{};
    do {
      skip_space();
      out.push_back(complex());
    } while (take(','));
    if (at_ < css_.size())
      refuse("unexpected \"" + std::string{css_.substr(at_, 1)} + "\"");
    return out;
  }

private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw std::invalid_argument{"selector \"" + std::string{css_} + "\", character " + std::to_string(at_ + 1) + ": "
                                + why};
  }
  [[nodiscard]] char peek() const { return at_ < css_.size() ? css_[at_] : '\0'; }
  bool take(char c) {
    if (peek() != c)
      return false;
    ++at_;
    return true;
  }
  bool skip_space() {
    const auto start = at_;
    while (std::isspace(static_cast<unsigned char>(peek())) != 0)
      ++at_;
    return at_ > start;
  }

  std::shared_ptr<const selector::compound> complex() {
    auto current = std::make_shared<selector::compound>();
    current->conditions = simple_ones();
    for (;;) {
      const auto had_space = skip_space();
      auto combinator = had_space ? ' ' : '\0';
      if (peek() == '>' || peek() == '+' || peek() == '~') {
        combinator = css_[at_++];
        skip_space();
      } else if (combinator == '\0' || peek() == '\0' || peek() == ',') {
        return current;
      }
      auto next = std::make_shared<selector::compound>();
      next->before = std::move(current);
      next->combinator = combinator;
      next->conditions = simple_ones();
      current = std::move(next);
    }
  }

  std::vector<condition> simple_ones() {
    auto out = std::vector<condition>{};
    if (take('*')) {
      out.emplace_back([](const dom_node&) { return true; });
    } else if (is_identifier(peek())) {
      auto name = identifier();
      std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      out.emplace_back([name](const dom_node& n) { return n.name() == name; });
    }
    for (;;) {
      if (take('#'))
        out.emplace_back([id = identifier()](const dom_node& n) { return n.id() == id; });
      else if (take('.'))
        out.emplace_back([name = identifier()](const dom_node& n) { return n.has_class(name); });
      else if (take('['))
        out.push_back(attribute());
      else if (take(':'))
        out.push_back(pseudo());
      else
        break;
    }
    if (out.empty())
      refuse("expected a name, #id, .class, [attribute] or :pseudo-class");
    return out;
  }

  static bool is_identifier(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '\\'
        || static_cast<unsigned char>(c) >= 0x80;
  }
  std::string identifier() {
    auto out = std::string{};
    while (is_identifier(peek())) {
      if (take('\\') && peek() == '\0')
        refuse("a backslash at the end");
      out += css_[at_++];
    }
    if (out.empty())
      refuse("expected a name");
    return out;
  }

  condition attribute() {
    skip_space();
    const auto name = identifier();
    skip_space();
    if (take(']'))
      return [name](const dom_node& n) { return n.has_attribute(name); };
    auto how = '=';
    if (std::string_view{"~|^$*"}.find(peek()) != std::string_view::npos && peek() != '\0')
      how = css_[at_++];
    if (!take('='))
      refuse("expected = or ] after the attribute's name");
    skip_space();
    const auto wanted = value();
    skip_space();
    if (!take(']'))
      refuse("expected ]");
    return [name, how, wanted](const dom_node& n) {
      const auto* v = n.find_attribute(name);
      return v != nullptr && matches_value(*v, how, wanted);
    };
  }
  std::string value() {
    const auto quote = peek();
    if (quote != '"' && quote != '\'')
      return identifier();
    auto out = std::string{};
    for (++at_; peek() != quote; ++at_) {
      if (peek() == '\0')
        refuse("the quotes do not end");
      if (peek() == '\\')
        ++at_;
      out += peek();
    }
    ++at_;
    return out;
  }

  /// What stands in parentheses.
  std::string_view argument() {
    if (!take('('))
      refuse("expected (");
    const auto start = at_;
    for (auto depth = 1; depth > 0; ++at_) {
      if (peek() == '\0')
        refuse("the parenthesis does not end");
      depth += peek() == '(' ? 1 : peek() == ')' ? -1 : 0;
    }
    return css_.substr(start, at_ - 1 - start);
  }

  condition pseudo() {
    const auto name = identifier();
    if (name == "first-child")
      return [](const dom_node& n) { return position_of(n, siblings_of(n)) == 0; };
    if (name == "last-child")
      return [](const dom_node& n) {
        const auto all = siblings_of(n);
        return position_of(n, all) + 1 == all.size();
      };
    if (name == "only-child")
      return [](const dom_node& n) { return siblings_of(n).size() == 1; };
    if (name == "empty")
      return is_empty;
    if (name == "checked")
      return [](const dom_node& n) {
        return n.state().is_checked.value_or(n.has_attribute("checked") || n.has_attribute("selected"));
      };
    if (name == "disabled")
      return [](const dom_node& n) { return n.has_attribute("disabled"); };
    if (name == "not")
      return [inner = selector{argument()}](const dom_node& n) { return !inner.matches(n); };
    if (name == "has")
      return [inner = selector{argument()}](const dom_node& n) { return !inner.all(const_cast<dom_node&>(n)).empty(); };
    if (name == "nth-child")
      return nth_child(argument());
    refuse(":" + name + " is not known here");
  }

  condition nth_child(std::string_view text) {
    auto compact = std::string{};
    for (const char c : text)
      if (c != ' ')
        compact += c;
    if (compact == "odd")
      compact = "2n+1";
    if (compact == "even")
      compact = "2n";
    const auto n_at = compact.find('n');
    const auto step = n_at == std::string::npos ? 0 : factor(compact.substr(0, n_at));
    const auto first = number(n_at == std::string::npos ? compact : compact.substr(n_at + 1));
    return [step, first](const dom_node& n) {
      const auto at = static_cast<long>(position_of(n, siblings_of(n))) + 1;
      return step == 0 ? at == first : (at - first) % step == 0 && (at - first) / step >= 0;
    };
  }
  [[nodiscard]] long factor(const std::string& text) const {
    if (text.empty() || text == "+")
      return 1;
    return text == "-" ? -1 : number(text);
  }
  [[nodiscard]] long number(std::string_view text) const {
    if (text.empty())
      return 0;
    if (text.starts_with('+'))
      text.remove_prefix(1);
    auto value = 0L;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc{} || end != text.data() + text.size())
      refuse("expected a number, odd, even or an+b");
    return value;
  }

  std::string_view css_;
  std::size_t at_ = 0;
};

}  // namespace

selector::selector(std::string_view css) : alternatives_{reader{css}.list()} {}

bool selector::matches(const dom_node& n) const {
  return std::ranges::any_of(alternatives_, [&](const auto& c) { return matches_compound(*c, n); });
}

std::vector<dom_node*> selector::all(dom_node& root) const {
  auto out = std::vector<dom_node*>{};
  root.each_element([&](dom_node& n) {
    if (matches(n))
      out.push_back(&n);
  });
  return out;
}

}  // namespace beamline::testing
