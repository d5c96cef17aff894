#include "web/template/cpp_writer.hpp"

#include "web/template/cpp_lexer.hpp"
#include "web/template/members.hpp"
#include "web/template/text_expression.hpp"

#include <algorithm>

namespace beamline::web::heex {

void cpp_writer::end_line(std::string_view text) {
  out_ += text;
  out_ += '\n';
  lines_ += 1 + static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

void cpp_writer::line(std::string_view text) {
  if (is_at_template_)
    end_line("#line " + std::to_string(lines_ + 2) + " " + string_literal(generated_path_));
  is_at_template_ = false;
  end_line(std::string(2 * depth_, ' ') + std::string{text});
}

void cpp_writer::at(span where, std::string_view text, std::string_view before) {
  const auto room = source_.octets_before(where.begin);
  end_line("#line " + std::to_string(source_.place_of(where.begin).line) + " " + string_literal(template_path_));
  end_line(std::string(room > before.size() ? room - before.size() : 0, ' ') + std::string{before} + std::string{text});
  is_at_template_ = true;
}

void cpp_writer::wrapped(std::string_view before, const code& expression, std::string_view after,
                         std::string_view prefix) {
  line(before);
  at(expression.where, with_locals(expression), begins_with_added_literal(expression.text) ? empty_text_plus : prefix);
  line(after);
}

}  // namespace beamline::web::heex
