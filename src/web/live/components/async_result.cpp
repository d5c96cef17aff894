#include "web/live/components/async_result.hpp"

#include <stdexcept>

namespace beamline::web::live::components {

rendered async_result(const async_result_attrs& a, render_context&) {
  static const statics tpl{{"", ""}};
  if (!a.assign.is_set())
    throw std::invalid_argument{"<.async_result> needs the attribute assign: a live::async_result"};
  if (a.assign.is_ok())
    return rendered{tpl, render_slot(a.inner_block)};
  if (a.assign.failed() != nullptr && !a.assign.is_loading())
    return rendered{tpl, render_slot(a.failed, *a.assign.failed())};
  return rendered{tpl, a.assign.is_loading() ? render_slot(a.loading) : dynamic{""}};
}

}  // namespace beamline::web::live::components
