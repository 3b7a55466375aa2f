"""The events that move stock: those of which `rules.stock.moves` has something to say."""

from edge_agent.wire.events.popups import PopUpClosed, StockCame, StockSent
from edge_agent.wire.events.refunds import RefundMade
from edge_agent.wire.events.sales import SaleCompleted
from edge_agent.wire.events.samples import SampleGiven
from edge_agent.wire.events.selling import CodeMatched
from edge_agent.wire.events.stock import StockAdjusted, StockCounted, StockReceived

AT_POPUPS = (StockSent, StockCame, PopUpClosed)
MOVERS = (SaleCompleted, RefundMade, StockReceived, StockCounted, StockAdjusted, CodeMatched, SampleGiven, *AT_POPUPS)
