#include "testing/live/parts/views.hpp"

#include "testing/live/parts/job_row.heex.hpp"
#include "testing/live/parts/journal.heex.hpp"
#include "testing/live/parts/office.heex.hpp"
#include "testing/live/parts/radio.heex.hpp"
#include "testing/live/parts/workshop.heex.hpp"

namespace beamline::testing::parts {

live::rendered job_row::render(live::render_context& c) const { return render_template(assigns_, c); }
live::rendered journal::render(live::render_context& c) const { return render_template(assigns_, c); }
live::rendered workshop::render(live::render_context& c) const { return render_template(assigns_, c); }
live::rendered office::render(live::render_context& c) const { return render_template(assigns_, c); }
live::rendered radio::render(live::render_context& c) const { return render_template(assigns_, c); }

}  // namespace beamline::testing::parts
